/** What a container is: it serves vLLM, or it downloads from the Hugging Face Hub. Its own name is no evidence. */
import { commands, commandWords, flag, flagText, textOf, type Word } from "./commandLine";
import type { Container, Pod } from "./pods";
import {
  asNumber,
  asText,
  at,
  elements,
  entries,
  isComplete,
  isObject,
  UNKNOWN,
  type Value,
  type Values,
} from "./values";

export function image(container: Container): string | undefined {
  return asText(at(container.spec, "image"));
}

/** `registry.example/team/name` of `registry.example/team/name:tag@sha256:…` */
export function repository(reference: string): string {
  const [withoutDigest = ""] = reference.split("@");
  return withoutDigest.replace(/:[^/:]*$/, "");
}

const rhaiis = /(?:^|\/)rhaii(?:s)?\/[^/]*vllm|(?:^|\/)vllm-[a-z]+-rhel\d+$/;
export function isRhaiisImage(reference: string): boolean {
  return rhaiis.test(repository(reference));
}

/** A repository named after vLLM holds its server, unless it names another part that is built around it. */
const companion = /router|proxy|gateway|exporter|client|operator|controller|bench|download|dashboard|webhook/;
function isVllmImage(reference: string): boolean {
  const name = repository(reference).split("/").at(-1) ?? "";
  return name.includes("vllm") && !companion.test(name);
}

const vllmPrograms = [
  /(?:^|[\s;&|("'])(?:[\w./-]*\/)?vllm\s+serve\b/,
  /^(?:\S*\/)?vllm(?:\s|$)/,
  /\bvllm\.entrypoints\b/,
  /-m\s+vllm\b/,
  /\b(?:import|from)\s+vllm\b/,
  /(?:^|[\s/])[\w-]*vllm[\w-]*\.(?:py|sh)(?:\s|$)/,
];
const downloadPrograms = [
  /^(?:\S*\/)?(?:hf|huggingface-cli)(?:\s|$)/,
  /(?:^|[\s("'/])(?:hf|huggingface-cli)["',\s]+download\b/,
  /\b(?:snapshot_download|hf_hub_download)\b/,
];

function runs(container: Container, programs: readonly RegExp[]): boolean {
  return commands(words(container)).some((command) => programs.some((program) => program.test(textOf(command))));
}

/** Whether the command is set in the manifest and known, so that the image's own start does not matter. */
function commandKnown(container: Container): boolean {
  const command = at(container.spec, "command");
  return elements(command).length > 0 && isComplete(command) && isComplete(at(container.spec, "args"));
}

export function servesVllm(container: Container): boolean {
  if (container.init) return false;
  if (runs(container, vllmPrograms)) return true;
  // A job on the server's image, such as a CUDA probe or a download, is no server.
  const doesSomethingElse =
    commandKnown(container) && (container.pod.runsToCompletion || runs(container, downloadPrograms));
  const reference = image(container);
  if (reference !== undefined && isVllmImage(reference) && !doesSomethingElse) return true;
  if (/vllm/i.test(asText(at(container.spec, "modelFormat", "name")) ?? "")) return true;
  return accelerators(container)?.resource.startsWith("nvidia.com/") === true && listensOn(container, 8000);
}

export function podServesVllm(pod: Pod): boolean {
  return pod.containers.some(servesVllm);
}

export function downloads(container: Container): boolean {
  if (runs(container, downloadPrograms)) return true;
  // A server whose model is a path loads what is there; a cache directory or a token it does not need changes nothing.
  if (servesVllm(container) && modelIsPath(container)) return false;
  const { variables } = environment(container);
  if (variables.some(({ name }) => name === "HF_HOME" || isHubToken(name))) return true;
  const reference = image(container);
  return container.init && reference !== undefined && isRhaiisImage(reference);
}

export function isHubToken(name: string): boolean {
  return name === "HF_TOKEN" || name === "HUGGING_FACE_HUB_TOKEN" || name === "HUGGINGFACEHUB_API_TOKEN";
}

/** `--model`, or what follows `serve`. */
export function modelArgument(container: Container): string | undefined {
  const command = serverWords(container);
  const serve = command.indexOf("serve");
  const positional = serve < 0 ? undefined : command[serve + 1];
  const named = flagText(command, "model");
  return named ?? (typeof positional === "string" && !positional.startsWith("-") ? positional : undefined);
}

function modelIsPath(container: Container): boolean {
  return modelArgument(container)?.startsWith("/") === true;
}

export interface Variable {
  readonly name: string;
  readonly index: number;
  readonly entry: Value;
}

/** The environment; `complete` tells whether a variable that is not among them is certainly not set by `env`. */
export function environment(container: Container): { variables: readonly Variable[]; complete: boolean } {
  const list = at(container.spec, "env");
  const variables: Variable[] = [];
  let complete = isComplete(list);
  elements(list).forEach((entry, index) => {
    const name = at(entry, "name");
    if (typeof name === "string") variables.push({ name, index, entry });
    else if (name === UNKNOWN) complete = false;
  });
  return { variables, complete };
}

export function words(container: Container): Word[] {
  const literal = environment(container).variables.flatMap(({ name, entry }): [string, string][] => {
    const value = at(entry, "value");
    return typeof value === "string" ? [[name, value]] : [];
  });
  return commandWords(container.spec, new Map(literal));
}

/** The words of the command that starts vLLM; all of them where it is the image that starts it. */
export function serverWords(container: Container): Word[] {
  const all = commands(words(container));
  return all.find((command) => vllmPrograms.some((program) => program.test(textOf(command)))) ?? all.flat();
}

/**
 * Whether a flag that is not among the words is certainly not given. Not so if a script or a file may give it, or a
 * KServe resource that is merged with this one.
 */
export function argumentsAreWhole(container: Container): boolean {
  const command = serverWords(container);
  if (!container.pod.whole || command.includes(UNKNOWN) || flag(command, "config") !== "absent") return false;
  const namesVllm = vllmPrograms.slice(0, 4).some((program) => program.test(textOf(command)));
  return namesVllm || (at(container.spec, "command") === undefined && at(container.spec, "args") !== UNKNOWN);
}

const accelerator =
  /^(?:nvidia\.com\/(?:gpu|mig-)|amd\.com\/gpu|habana\.ai\/gaudi|gpu\.intel\.com\/|google\.com\/tpu|ibm\.com\/spyre)/;

/** The accelerators in the limits, else in the requests: GPUs, MIG slices and their like from other makers. */
export function accelerators(container: Container): { resource: string; amount: Value } | undefined {
  for (const kind of ["limits", "requests"]) {
    const [first, ...more] = entries(at(container.spec, "resources", kind)).filter(([name]) => accelerator.test(name));
    if (!first) continue;
    const [resource, amount] = first;
    return { resource, amount: more.length > 0 ? UNKNOWN : amount };
  }
  return undefined;
}

/** A parallel size as given, 1 where it certainly is not, `undefined` where that is not known. */
export function parallelSize(container: Container, name: string, short: string): number | undefined {
  const command = serverWords(container);
  const given = flag(command, name, short);
  if (given === "absent") return argumentsAreWhole(container) ? 1 : undefined;
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

export function listensOn(container: Container, port: number): boolean {
  const declared = elements(at(container.spec, "ports")).some((entry) => asNumber(at(entry, "containerPort")) === port);
  return declared || flagText(serverWords(container), "port") === String(port);
}

/** The port of vLLM's API: `--port`, else vLLM's default. `undefined` if the arguments do not tell. */
export function serverPort(container: Container): number | undefined {
  const given = flag(serverWords(container), "port");
  if (given === UNKNOWN) return undefined;
  return given === "absent" ? (argumentsAreWhole(container) ? 8000 : undefined) : asNumber(given[0]);
}

export function volumeMounts(container: Container): Values[] {
  return elements(at(container.spec, "volumeMounts")).filter(isObject);
}
