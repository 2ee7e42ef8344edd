import { identity, type Identity } from "../shared/lock.mjs";
import { ancestors, runningProcesses } from "../shared/processes";

let known: Identity[] | undefined;

/**
 * The processes through which this command was started: bootstrap.mjs, and npm with its shell above it. A command that has lost one of
 * them was killed as far as its user knows, though it runs on.
 */
export function starters(): Identity[] {
  known ??= findStarters().map((pid) => identity(pid));
  return known;
}

function findStarters(): number[] {
  const above = ancestors(process.pid, 3); // bootstrap.mjs, sh, npm
  if (process.env["npm_lifecycle_event"] === undefined) return above.slice(0, 1);
  const commands = new Map(runningProcesses().map(({ pid, command }) => [pid, command]));
  const npm = above.findIndex((pid) => /^(npm |\S*node \S*npm)/.test(commands.get(pid) ?? ""));
  return above.slice(0, Math.max(npm, 0) + 1);
}
