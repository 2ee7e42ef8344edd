import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import type { ClusterConnection } from "./connection";
import { type Problem, problem } from "../text/errors";

/**
 * A context that the kubeconfig lacks is a mistake to be told before anything is done: to the provider it is another cluster, so it would delete
 * what it can still reach, and only then fail to make it anew. Undefined also where there is no kubeconfig to look into.
 */
export function contextProblem(
  { context, kubeconfig }: ClusterConnection,
  env: NodeJS.ProcessEnv,
): Problem | undefined {
  const own = env["KUBECONFIG"]?.split(path.delimiter) ?? [path.join(homedir(), ".kube", "config")];
  const files = (kubeconfig === undefined ? own : [kubeconfig]).filter((file) => existsSync(file));
  const known = files.flatMap(contextsIn);
  return files.length === 0 || known.includes(context) ? undefined : lackingContext(context, files.join(", "), known);
}

/** Of a context that a kubeconfig lacks. */
export function lackingContext(context: string, where: string, known: readonly string[]): Problem {
  const rule = `be a context of ${where}, which has ${known.join(", ") || "none"}`;
  return problem("kubeContext", context, rule, "set it with `pulumi config set kubeContext <context>`");
}

/** The names of a kubeconfig's contexts; none where it is no kubeconfig. */
function contextsIn(file: string): string[] {
  try {
    const { contexts } = parse(readFileSync(file, "utf8")) as { contexts?: { name: string }[] };
    return (contexts ?? []).map(({ name }) => name);
  } catch {
    return [];
  }
}
