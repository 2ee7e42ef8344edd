import type { Symptom } from "../components/symptoms";
import type { OpsStack } from "./stack";

/** A row's command for this stack; the pod's name where there is one. */
export function commandOf(
  { command }: Symptom,
  { name, target, args }: Pick<OpsStack, "name" | "target" | "args">,
  pod = "<pod>",
): string | undefined {
  const values: Readonly<Record<string, string>> = {
    stack: name,
    namespace: target.namespace,
    deployment: target.deployment,
    claim: target.claim,
    route: target.route ?? "<route>",
    account: args.names.serviceAccount,
    pod,
  };
  return command?.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}
