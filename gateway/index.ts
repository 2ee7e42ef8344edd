import "../shared/inOneFile.cjs";
import * as pulumi from "@pulumi/pulumi";
import { userError } from "../components/config/strict";
import { readGatewayConfig } from "./config";
import { Gate } from "./gate";
import { claudeCodeOutput, clientLimits, reach } from "./modes";
import { listOf } from "./list";
import { readModels } from "./stacks";

/** The gateway: configuration and inference stacks -> registrations -> LiteLLM -> what Claude Code needs. */
export = async (): Promise<Record<string, unknown>> => {
  const config = readGatewayConfig();
  const owner = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const read = await readModels(config.settings.models);
  const { registrations, problems, notes } = listOf(config.settings, read, owner);
  const all = [...config.problems, ...problems];
  if (all.length > 0) throw userError(`the configuration of stack '${pulumi.getStack()}'`, all);
  for (const note of notes) void pulumi.log.warn(note);
  const gate = new Gate(read.models, config.settings.gateTimeoutSeconds);
  const reached = reach(config, registrations, read.models, gate);
  const limits = clientLimits(registrations, read.models);
  const registered = <T>(value: T): pulumi.Output<T> => reached.registered.apply(() => value);
  return {
    url: reached.url,
    ...(reached.key && { key: reached.key }),
    aliases: registered(limits?.aliases ?? []),
    ...(limits && {
      maxModelLen: registered(limits.maxModelLen),
      takesInlineSystem: registered(limits.takesInlineSystem),
      claudeCode: claudeCodeOutput(reached, limits),
    }),
  };
};
