import { locate, resolve, surroundings, type Resolved, type Surroundings } from "./resolve";
import { toolNames, tools, type Tool, type ToolName } from "./tools";

export { toolNames, type ToolName } from "./tools";

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

/** All tools, one after the other: a build takes every core for itself. Says which ones are not the project's own, and what takes time. */
export async function resolveTools(log: (line: string) => void): Promise<Record<ToolName, string>> {
  const around = surroundings(log);
  const paths: Partial<Record<ToolName, string>> = {};
  for (const name of toolNames) {
    const started = Date.now();
    const { path, source, version } = await resolve(tools[name], around);
    if (source === "PATH") log(`using ${path} ${version} from PATH`);
    if (source === "download" || source === "build") log(done(name, { path, source, version }, started));
    paths[name] = path;
  }
  return paths as Record<ToolName, string>;
}

/** "etcd 3.6.4: built in 37 s" */
export function done(name: ToolName, { source, version }: Resolved, started: number): string {
  const how = { PATH: "found on PATH", cache: "found in the cache", download: "downloaded", build: "built" }[source];
  return `${name} ${version}: ${how} in ${Math.round((Date.now() - started) / 1000)} s`;
}
