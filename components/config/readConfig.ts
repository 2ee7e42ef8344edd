import * as pulumi from "@pulumi/pulumi";
import type { VllmInferenceArgs } from "../args/args";
import { configuredOn, thisStack } from "../cluster/commands";
import { type ClusterConnection, clusterConnection } from "../cluster/connection";
import { contextProblem } from "../cluster/contexts";
import { type ConfigKey, type ConfigValues, configSchema } from "./schema";
import { type Problem, problem, problemsText } from "../text/errors";
import { resolveArgs } from "../args/resolve";
import { type RawConfig, checkShape, masked, rawConfig } from "./strict";
import { validate } from "../args/validate";

/** What a stack's configuration says. */
export interface StackConfig {
  connection: ClusterConnection;
  args: Omit<VllmInferenceArgs, "cluster">;
}

const shape = { schema: configSchema, secrets: ["hfToken"] };

/** Reads the stack's configuration, or throws every mistake in it as one error without a stack. */
export function readConfig(component: string): StackConfig {
  const config = new pulumi.Config();
  const { problems, values } = checkConfig(component, rawConfig(config.name));
  const { kubeContext = "", kubeconfig } = values;
  const connection = clusterConnection(kubeContext, kubeconfig, pulumi.getRootDirectory());
  // How this machine reaches a cluster is no setting of the stack's.
  // eslint-disable-next-line no-restricted-properties
  const lacking = kubeContext === "" ? undefined : contextProblem(connection, process.env);
  if (lacking) problems.push(lacking);
  if (problems.length > 0) {
    const text = problemsText(`the configuration of stack '${pulumi.getStack()}'`, problems);
    throw new pulumi.RunError(configuredOn(text, thisStack()));
  }
  return {
    connection,
    args: {
      ...componentArgs(values),
      ...(values.hfToken !== undefined && { hfToken: config.requireSecret("hfToken") }),
    },
  };
}

/** Every mistake in the configuration; the values are complete only when there is none. Pure. */
export function checkConfig(component: string, raw: RawConfig): { problems: Problem[]; values: ConfigValues } {
  const { problems, values } = checkShape(shape, raw);
  if (values.kubeContext === undefined) {
    const remedy = "set it with `pulumi config set kubeContext <context>` (`oc config get-contexts` lists them)";
    problems.push(problem("kubeContext", undefined, "be set, because the current context is never used", remedy));
  }
  problems.push(...validate(resolveArgs(component, componentArgs(values))));
  return { problems: problems.map((each) => masked(each, raw, shape.secrets)), values };
}

/** What of the configuration is the component's: all but the cluster. */
export function componentArgs(values: ConfigValues): StackConfig["args"] {
  const cluster: readonly string[] = ["kubeContext", "kubeconfig"] satisfies ConfigKey[];
  return Object.fromEntries(Object.entries(values).filter(([key]) => !cluster.includes(key)));
}
