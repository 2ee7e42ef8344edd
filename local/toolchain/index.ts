import { locate, resolve, surroundings, type Resolved, type Surroundings } from "./resolve";
import { nodeToolNames, type NodeToolName, toolNames, tools, type Tool, type ToolName } from "./tools";

export { type NodeToolName, toolNames, type ToolName } from "./tools";

/** The path of a tool: from PATH if it fits, else the cache, else downloaded, else built. */
export async function resolveTool(name: Tool["name"], around: Surroundings = surroundings()): Promise<string> {
  return (await resolve(tools[name], around)).path;
}

/** The tools that this machine has not got: neither on PATH nor in the cache. */
export async function missingTools(): Promise<ToolName[]> {
  const around = surroundings();
  const found = await Promise.all(toolNames.map((name) => locate(tools[name], around)));
  return toolNames.filter((_, index) => !found[index]);
}

/** All tools of the control plane. */
export function resolveTools(log: (line: string) => void): Promise<Record<ToolName, string>> {
  return resolveAll(toolNames, log);
}

/** Those of a real node. */
export function resolveNodeTools(log: (line: string) => void): Promise<Record<NodeToolName, string>> {
  return resolveAll(nodeToolNames, log);
}

/** One after the other: a build takes every core for itself. Says which ones are not the project's own, and what takes time. */
async function resolveAll<Name extends ToolName | NodeToolName>(
  names: readonly Name[],
  log: (line: string) => void,
): Promise<Record<Name, string>> {
  const around = surroundings(log);
  const paths: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const started = Date.now();
    const { path, source, version } = await resolve(tools[name], around);
    if (source === "PATH") log(`using ${path} ${version} from PATH`);
    if (source === "download" || source === "build") log(done(name, { path, source, version }, started));
    paths[name] = path;
  }
  return paths as Record<Name, string>;
}

/** "etcd 3.6.4: built in 37 s" */
export function done(name: Tool["name"], { source, version }: Resolved, started: number): string {
  const how = { PATH: "found on PATH", cache: "found in the cache", download: "downloaded", build: "built" }[source];
  return `${name} ${version}: ${how} in ${Math.round((Date.now() - started) / 1000)} s`;
}
