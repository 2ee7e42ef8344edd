/**
 * Whether a container serves vLLM: everything that speaks for it and against it, weighed here and nowhere else, with the reason
 * that the messages give. The container's own name is no evidence.
 */
import { flagText, given, type Word } from "./commandLine";
import { accelerators, environment, image, programs, repository } from "./containers";
import type { Container, Pod } from "./pods";
import type { Program } from "./programs";
import {
  isForeignFlag,
  isModelFlag,
  isOtherImage,
  isOtherProgram,
  isOtherServer,
  isVllmVariable,
  vllmFlag,
  vllmImage,
} from "./vllmNames";
import { asNumber, asText, at, elements, UNKNOWN } from "./values";

/** What each piece of evidence weighs; from `enough` on, the container serves vLLM. */
export const weights = {
  enough: 3,
  /** A flag or a variable that only vLLM knows. */
  flag: 3,
  variable: 3,
  /** KServe: the model's format is vLLM, or the kind serves with it unless told otherwise. */
  format: 3,
  /** An image whose own start is vLLM's server, and is not replaced. */
  ownImage: 3,
  /** That image under a start script that nobody can see into; or an image that is named after vLLM and after nothing else. */
  image: 2,
  accelerator: 1,
  port: 1,
  /** Flags such as --model, which other servers have too. */
  modelFlags: 1,
} as const;

export function podServesVllm(pod: Pod): boolean {
  return pod.containers.some(servesVllm);
}

interface Evidence {
  readonly weight: number;
  readonly because: string;
}

const known = new WeakMap<Container, { readonly because: string | undefined }>();

/** Why the container serves vLLM, as a clause for a sentence; `undefined` if it does not, as far as can be known. */
export function servingBecause(container: Container): string | undefined {
  const before = known.get(container);
  if (before) return before.because;
  const because = container.init ? undefined : judge(container);
  known.set(container, { because });
  return because;
}

export function servesVllm(container: Container): boolean {
  return servingBecause(container) !== undefined;
}

function judge(container: Container): string | undefined {
  const started = programs(container);
  // What is not known yet raises nothing: the update knows it.
  if (started === UNKNOWN) return undefined;
  for (const program of started) {
    const command = serverCommand(program);
    if (command !== undefined) return `its command runs \`${command}\``;
  }
  // A script beside it prepares; what serves is known.
  if (started.some(({ name, module }) => isOtherServer(module ?? name ?? ""))) return undefined;
  const own =
    !startsRay(container) &&
    !given(container.spec, "command") &&
    started.every((program) => isForImage(container, program));
  const opaque = started.filter((program) => program.name !== undefined && !isKnown(program));
  if (!own && opaque.length === 0) return undefined;
  const args = (own ? started : opaque).flatMap((program) => (own ? [program.path, ...program.args] : program.args));
  if (own && args.some(asksOnly)) return undefined;
  const found = pieces(container, args, own).toSorted((left, right) => right.weight - left.weight);
  const reasons: string[] = [];
  let sum = 0;
  for (const { weight, because } of found) {
    if (sum >= weights.enough) break;
    sum += weight;
    reasons.push(because);
  }
  return sum >= weights.enough ? reasons.join(" and ") : undefined;
}

/** KubeRay starts Ray in every pod of its kinds, whatever the image starts: https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/pod-command.html */
function startsRay(container: Container): boolean {
  const { kind, value } = container.pod.object;
  const overwritten = at(value, "metadata", "annotations", "ray.io/overwrite-container-cmd") === "true";
  return /^Ray(?:Cluster|Service|Job)$/.test(kind) && !overwritten;
}

/** Whether words without a command are arguments for what the image starts, and not a command of their own. */
function isForImage(container: Container, program: Program): boolean {
  if (program.path.startsWith("-")) return true;
  const kind = vllmImage(repository(image(container) ?? ""));
  return (
    kind !== undefined &&
    program.name !== undefined &&
    (program.path === "serve" || (!isKnown(program) && !isClientVerb(program.path)))
  );
}

function isClientVerb(word: string): boolean {
  return /^(?:bench|chat|complete|run-batch|collect-env|launch)$/.test(word);
}

function pieces(container: Container, args: readonly Word[], own: boolean): Evidence[] {
  const found: Evidence[] = [];
  const name = repository(image(container) ?? "");
  const kind = vllmImage(name);
  const format = asText(at(container.spec, "modelFormat", "name"));
  if (format !== undefined && /vllm/i.test(format))
    found.push({ weight: weights.format, because: "its model format is vLLM" });
  if (container.pod.servesByKind && container.name === "main")
    found.push({ weight: weights.format, because: `${container.pod.object.kind} serves with vLLM` });
  const words = args.filter((word) => typeof word === "string");
  const flag = words.map(vllmFlag).find((one) => one !== undefined);
  if (flag !== undefined) found.push({ weight: weights.flag, because: `its arguments have vLLM's ${flag}` });
  if (isOtherImage(name) && kind === undefined) return found;
  const variable = environment(container).variables.find((one) => isVllmVariable(one.name));
  if (variable) found.push({ weight: weights.variable, because: `it sets vLLM's ${variable.name}` });
  if (kind === "own" && own && !container.pod.object.partial)
    found.push({ weight: weights.ownImage, because: `the image ${name} starts vLLM's server itself` });
  // In a job a script on the server's image may do anything; so may one that nothing else speaks for.
  if (container.pod.runsToCompletion) return found;
  if (kind !== undefined && !(kind === "own" && own))
    found.push({ weight: weights.image, because: `its image ${name} is vLLM's` });
  const accelerator = accelerators(container)?.resource;
  if (accelerator !== undefined) found.push({ weight: weights.accelerator, because: `it asks for ${accelerator}` });
  if (declaresPort(container, 8000) || flagText(args, "port") === "8000")
    found.push({ weight: weights.port, because: "it listens on 8000" });
  const common = isAnothersLine(words, args) ? undefined : words.find(isModelFlag);
  if (common !== undefined)
    found.push({ weight: weights.modelFlags, because: `its arguments have ${common.split("=")[0] ?? ""}` });
  return found;
}

/** vLLM refuses flags that it has not; and a `.gguf`, which it loads as an experiment, is for llama.cpp: https://docs.vllm.ai/en/latest/features/quantization/gguf/ */
function isAnothersLine(words: readonly string[], args: readonly Word[]): boolean {
  return words.some(isForeignFlag) || /\.gguf$/i.test(flagText(args, "model") ?? "");
}

function declaresPort(container: Container, port: number): boolean {
  return elements(at(container.spec, "ports")).some((entry) => asNumber(at(entry, "containerPort")) === port);
}

/** Modules that serve, under each name that they have had. */
const serverModules =
  /^(?:vllm\.entrypoints\.(?:openai\.)?api_server|vllm\.entrypoints\.openai\.rpc\.server|vllm\.entrypoints\.grpc_server|vllm_tgis_adapter(?:\..+)?)$/;
const commandModules = /^(?:vllm|vllm\.scripts|vllm\.entrypoints\.cli\.main|vllm_omni\.entrypoints\.cli\.main)$/;
const serverFiles = /(?:^|\/)vllm\/entrypoints\/(?:openai\/)?api_server\.py$/;
const serverCode = /\bvllm\.entrypoints\.(?:openai\.)?api_server\b|\bvllm serve\b|["']vllm["']\s*,\s*["']serve["']/;

/** `vllm serve` of a program that is vLLM's server, in its own words; `undefined` if it is not. */
export function serverCommand(program: Program): string | undefined {
  const { name, module, code, script, args } = program;
  if (args.some(asksOnly)) return undefined;
  if (name === "vllm" || name === "vllm-omni") return verb(args) === "serve" ? `${name} serve` : undefined;
  if (module !== undefined) {
    if (serverModules.test(module)) return `${name} -m ${module}`;
    return commandModules.test(module) && verb(args) === "serve" ? `${name} -m ${module} serve` : undefined;
  }
  if (script !== undefined && serverFiles.test(script)) return `${name} ${script}`;
  if (script !== undefined && /(?:^|\/)bin\/vllm$/.test(script) && verb(args) === "serve") return `${script} serve`;
  if (serverFiles.test(program.path)) return program.path;
  return code !== undefined && serverCode.test(code) ? `vLLM's server from Python code` : undefined;
}

/** Prints something and ends. */
function asksOnly(word: Word): boolean {
  return typeof word === "string" && /^(?:--version|--help|-h|-v)$/.test(word);
}

function verb(args: readonly Word[]): Word | undefined {
  return args.find((word) => typeof word !== "string" || !word.startsWith("-"));
}

/** Whether it is clear what the program is, and it is no server of vLLM's; a script or a strange program may start one. */
function isKnown({ name, module, code, script, path, args }: Program): boolean {
  if (name === "vllm" || name === "vllm-omni" || module !== undefined || code !== undefined) return true;
  if ((name === "." || name === "source") && !/(?:activate|\.env|env\.sh|bashrc|profile)$/.test(String(args[0] ?? "")))
    return false;
  return (
    script === undefined &&
    (isOtherProgram(name ?? "") || (/^(?:python|pypy|bash|sh)/.test(name ?? "") && args.length === 0 && path !== ""))
  );
}
