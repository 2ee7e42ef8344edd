import * as pulumi from "@pulumi/pulumi";
import { namingThisStack } from "../cluster/commands";
import { type ClusterConnection, clusterConnection } from "../cluster/connection";
import { contextProblem } from "../cluster/contexts";
import { type Problem, problem, problemsText } from "../text/errors";
import { besides } from "./entries";
import { type Models, modelProblems, modelsOf } from "./models";
import { type ConfigValues, configSchema, modelKeyNames } from "./schema";
import { type RawConfig, checkShape, masked, rawConfig } from "./strict";

/** What a stack's configuration says. */
export interface StackConfig extends Models {
  connection: ClusterConnection;
}

const shape = { schema: configSchema, secrets: ["hfToken"], maps: { models: modelKeyNames } };

/** Reads the stack's configuration, or throws every mistake in it as one error without a stack. */
export function readConfig(): StackConfig {
  const config = new pulumi.Config();
  const { problems, values } = checkConfig(rawConfig(config.name));
  const { kubeContext = "", kubeconfig } = values;
  const connection = clusterConnection(kubeContext, kubeconfig, pulumi.getRootDirectory());
  // How this machine reaches a cluster is no setting of the stack's.
  // eslint-disable-next-line no-restricted-properties
  const lacking = kubeContext === "" ? undefined : contextProblem(connection, process.env);
  if (lacking) problems.push(lacking);
  if (problems.length > 0) {
    const text = problemsText(`the configuration of stack '${pulumi.getStack()}'`, problems);
    throw new pulumi.RunError(namingThisStack(text));
  }
  const { shared, models } = modelsOf(values);
  const withToken = <T extends object>(args: T): T =>
    "hfToken" in args ? { ...args, hfToken: config.requireSecret("hfToken") } : args;
  const secret = Object.entries(models).map(([name, args]) => [name, withToken(args)] as const);
  return { connection, ...(shared && { shared: withToken(shared) }), models: Object.fromEntries(secret) };
}

/**
 * Every mistake in the configuration; the values are complete only when there is none. Pure, but for a chat template's file, which is looked
 * for from the project's folder: the process's own, unless another is given.
 */
export function checkConfig(raw: RawConfig, folder?: string): { problems: Problem[]; values: ConfigValues } {
  const { problems, values } = checkShape(shape, raw);
  if (values.kubeContext === undefined) {
    const remedy = "set it with `pulumi config set kubeContext <context>` (`oc config get-contexts` lists them)";
    problems.push(problem("kubeContext", undefined, "be set, because the current context is never used", remedy));
  }
  problems.push(...besides(problems, modelProblems(values, folder)));
  return { problems: problems.map((each) => masked(each, raw, shape.secrets)), values };
}
