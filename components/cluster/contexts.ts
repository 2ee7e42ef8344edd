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
export function contextProblem(connection: ClusterConnection, env: NodeJS.ProcessEnv): Problem | undefined {
  const { context } = connection;
  const files = filesOf(connection, env);
  const known = files.map(read).flatMap(({ contexts = [] }) => contexts.map(({ name }) => name));
  return files.length === 0 || known.includes(context) ? undefined : lackingContext(context, files.join(", "), known);
}

/** Of a context that a kubeconfig lacks. */
export function lackingContext(context: string, where: string, known: readonly string[]): Problem {
  const rule = `be a context of ${where}, which has ${known.join(", ") || "none"}`;
  return problem("kubeContext", context, rule, "set it with `pulumi config set kubeContext <context>`");
}

/**
 * Whether both lead to one cluster, as far as the kubeconfigs tell: the same context of the same file, or the same server by the same way.
 * A server that is known by two addresses counts as two.
 */
export function isSameCluster(one: ClusterConnection, other: ClusterConnection, env: NodeJS.ProcessEnv): boolean {
  if (one.context === other.context && one.kubeconfig === other.kubeconfig) return true;
  const [left, right] = [one, other].map((each) => wayTo(each, env));
  return left !== undefined && left === right;
}

/** The address of the context's cluster, and what else decides where a request arrives. */
function wayTo(connection: ClusterConnection, env: NodeJS.ProcessEnv): string | undefined {
  const files = filesOf(connection, env).map(read);
  // Of several files the first one that has a name counts: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
  const name = files.flatMap(({ contexts = [] }) => contexts).find((each) => each.name === connection.context)
    ?.context?.cluster;
  const cluster = files.flatMap(({ clusters = [] }) => clusters).find((each) => each.name === name)?.cluster;
  const server = cluster?.server;
  if (name === undefined || server === undefined || !URL.canParse(server)) return undefined;
  return [new URL(server).href.replace(/\/$/, ""), cluster?.["proxy-url"], cluster?.["tls-server-name"]].join(" ");
}

function filesOf({ kubeconfig }: ClusterConnection, env: NodeJS.ProcessEnv): string[] {
  const own = env["KUBECONFIG"]?.split(path.delimiter) ?? [path.join(homedir(), ".kube", "config")];
  return (kubeconfig === undefined ? own : [kubeconfig]).filter((file) => existsSync(file));
}

interface Kubeconfig {
  contexts?: { name: string; context?: { cluster?: string } }[];
  clusters?: { name: string; cluster?: { server?: string; "proxy-url"?: string; "tls-server-name"?: string } }[];
}

/** Empty where the file is no kubeconfig. */
function read(file: string): Kubeconfig {
  try {
    return (parse(readFileSync(file, "utf8")) as Kubeconfig | null) ?? {};
  } catch {
    return {};
  }
}
