/** What a container that serves vLLM is told: its arguments, model, names, port and parallel sizes. */
import { flag, flagText, given, type Word } from "./commandLine";
import { programs } from "./containers";
import { serverCommand } from "./evidence";
import type { Container } from "./pods";
import type { Program } from "./programs";
import { asNumber, at, UNKNOWN } from "./values";

export function serverProgram(container: Container): Program | undefined {
  const all = programs(container);
  return all === UNKNOWN ? undefined : all.find((program) => serverCommand(program) !== undefined);
}

/** The words of the command that starts vLLM; all of them where it is the image, or a script, that starts it. */
export function serverWords(container: Container): readonly Word[] {
  const server = serverProgram(container);
  if (server) return server.args;
  const all = programs(container);
  return all === UNKNOWN ? [UNKNOWN] : all.flatMap(({ path, args }) => [path.includes("…") ? UNKNOWN : path, ...args]);
}

/**
 * Whether a flag that is not among the words is certainly not given. Not so if a script or a file may give it, or a
 * KServe resource that is merged with this one.
 */
export function argumentsAreWhole(container: Container): boolean {
  const command = serverWords(container);
  if (!container.pod.whole || command.includes(UNKNOWN) || flag(command, "config") !== "absent") return false;
  const server = serverProgram(container);
  if (server) return server.code === undefined;
  return at(container.spec, "command") === undefined && at(container.spec, "args") !== UNKNOWN;
}

/** `--model`, or what follows `serve`, or the first word for an image that starts the server itself. */
export function modelArgument(container: Container): string | undefined {
  const command = serverWords(container);
  const serve = command.indexOf("serve");
  const alone = serve < 0 && serverProgram(container) === undefined && !given(container.spec, "command");
  const positional = serve < 0 ? (alone ? command[0] : undefined) : command[serve + 1];
  const named = flagText(command, "model");
  return named ?? (typeof positional === "string" && !positional.startsWith("-") ? positional : undefined);
}

/** What the server reads from a path or the Hub: the model, and a tokenizer of another name. */
export function modelSources(container: Container): string[] {
  const sources = [modelArgument(container), flagText(serverWords(container), "tokenizer")];
  return sources.filter((source) => source !== undefined);
}

/** A parallel size as given, 1 where it certainly is not, `undefined` where that is not known. */
export function parallelSize(container: Container, name: string, short: string): number | undefined {
  const command = serverWords(container);
  const size = flag(command, name, short);
  if (size === "absent") return argumentsAreWhole(container) ? 1 : undefined;
  return asNumber(flagText(command, name, short));
}

/** What the model may be called, the likeliest first: `owner/name` at the end of its path, and the served names. */
export function modelNames(container: Container): string[] {
  const model = modelArgument(container);
  const served = flag(serverWords(container), "served-model-name");
  const names = [
    model?.split("/").filter(Boolean).slice(-2).join("/"),
    ...(Array.isArray(served) ? (served as Word[]) : []),
  ];
  return names.filter((name): name is string => typeof name === "string" && name !== "");
}

/** The port of vLLM's API: `--port`, else vLLM's default. `undefined` if the arguments do not tell. */
export function serverPort(container: Container): number | undefined {
  const port = flag(serverWords(container), "port");
  if (port === UNKNOWN) return undefined;
  return port === "absent" ? (argumentsAreWhole(container) ? 8000 : undefined) : asNumber(port[0]);
}

/** A part of a server on several nodes that works for another pod's API and has none of its own. */
export function isHeadless(container: Container): boolean {
  const { pod } = container;
  const words = serverWords(container);
  const path = pod.path.join(".");
  const follows =
    path.includes("workerGroupSpecs") ||
    (path.endsWith("workerTemplate.spec") &&
      at(pod.object.value, "spec", "leaderWorkerTemplate", "leaderTemplate") !== undefined);
  return follows || Array.isArray(flag(words, "headless")) || Number(flagText(words, "node-rank") ?? 0) > 0;
}
