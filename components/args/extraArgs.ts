import { everKnown } from "../images/known";
import { type Problem, problem } from "../text/errors";
import { kindByName, secretIn } from "../text/secrets";
import type { VllmInferenceArgs } from "./args";
import { unknownTo } from "./imageLine";
import type { ResolvedArgs } from "./resolve";

/** Flags that a key of this program sets, by that key. */
export const managedFlags: Readonly<Record<string, keyof VllmInferenceArgs>> = {
  "--model": "modelId",
  "--revision": "modelRevision",
  "--served-model-name": "servedModelNames",
  "--dtype": "dtype",
  "--max-model-len": "maxModelLen",
  "--max-num-seqs": "maxNumSeqs",
  "--max-num-batched-tokens": "maxNumBatchedTokens",
  "--gpu-memory-utilization": "gpuMemoryUtilization",
  "--tensor-parallel-size": "tensorParallelSize",
  "--enforce-eager": "enforceEager",
  "--enable-auto-tool-choice": "enableAutoToolChoice",
  "--tool-call-parser": "toolCallParser",
  "--reasoning-parser": "reasoningParser",
  "--kv-cache-dtype": "kvCacheDtype",
  "--chat-template": "chatTemplate",
  "--trust-remote-code": "trustRemoteCode",
  "--enable-lora": "loraAdapters",
  "--lora-modules": "loraAdapters",
  "--max-lora-rank": "loraAdapters",
  "--max-loras": "loraAdapters",
  "--shutdown-timeout": "terminationGracePeriodSeconds",
  "--api-key": "apiKeyEnabled",
  "--hf-token": "hfToken",
};

const onePort = "the probes, the Service and the Route ask port 8000 of the pod by HTTP";
const gpus = "the pod asks for 'tensorParallelSize' GPUs of one node";

/** Flags that nothing here can go with, and why. */
export const fixedFlags: Readonly<Record<string, string>> = {
  "--port": onePort,
  "--host": onePort,
  "--uds": onePort,
  "--grpc": onePort,
  "--grpc-port": onePort,
  "--ssl-certfile": onePort,
  "--ssl-keyfile": onePort,
  "--ssl-ca-certs": onePort,
  "--ssl-cert-reqs": onePort,
  "--headless": onePort,
  "--config": "a file could set what is checked here",
  "--pipeline-parallel-size": gpus,
  "--data-parallel-size": gpus,
  "--data-parallel-size-local": gpus,
  "--prefill-context-parallel-size": gpus,
  "--nnodes": gpus,
  "--node-rank": gpus,
};

/** What each word is: a flag with its index, and the words that follow it. */
interface Flag {
  readonly index: number;
  /** As vLLM reads it: with hyphens, without what follows a dot or `=`. */
  readonly name: string;
  readonly values: readonly string[];
}

export function extraArgsProblems(args: ResolvedArgs): Problem[] {
  const { extraArgs } = args;
  const flags = extraArgs.flatMap((word, index): Flag[] => (isFlag(word) ? [flagAt(extraArgs, index)] : []));
  const [first] = extraArgs;
  const stray =
    first === undefined || isFlag(first)
      ? []
      : [problem("extraArgs[0]", shown("", first), "be a flag", "set flags such as --seed, each before its value")];
  return [...stray, ...flags.flatMap((flag) => flagProblems(args, flag))];
}

/** A negative number is a value. */
function isFlag(word: string): boolean {
  return word.startsWith("-") && !/^-\.?\d/.test(word);
}

function flagAt(words: readonly string[], index: number): Flag {
  const [written = "", ...given] = (words[index] ?? "").split("=");
  const next = words.slice(index + 1);
  const end = next.findIndex(isFlag);
  const values = [...(given.length > 0 ? [given.join("=")] : []), ...next.slice(0, end < 0 ? undefined : end)];
  return { index, name: (written.split(".")[0] ?? "").replaceAll("_", "-"), values };
}

function flagProblems({ line, extraArgs }: ResolvedArgs, { index, name, values }: Flag): Problem[] {
  const path = `extraArgs[${index}]`;
  const word = shown(name, extraArgs[index] ?? "");
  if (/\s/.test((extraArgs[index] ?? "").split("=")[0] ?? "")) {
    const rule = "be one word, because nothing takes it apart";
    return [problem(path, word, rule, 'set flag and value as two words ("--seed", "7") or with =')];
  }
  if (!/^--[a-z]/i.test(name)) {
    const rule = "be a flag in its long form, so that it can be looked up";
    return [problem(path, word, rule, "set it with two hyphens, as `vllm serve --help` lists it")];
  }
  const found = [...managedProblems(path, name, word), ...secretProblems(path, name, values)];
  if (found.length > 0) return found;
  if (line) return unknownTo(line, "flags", path, positive(name), everKnown("flags"));
  // argparse takes a beginning for the whole, so a key's flag could come in by a shorter name.
  const begun = [...Object.keys(managedFlags), ...Object.keys(fixedFlags)].find((flag) =>
    flag.startsWith(positive(name)),
  );
  if (begun === undefined || everKnown("flags").includes(positive(name))) return [];
  return [problem(path, word, "be the whole name of a flag", `set ${begun} if that was meant, or take it out`)];
}

/** `--no-x` is `--x` off. */
function positive(name: string): string {
  return name.startsWith("--no-") && !everKnown("flags").includes(name) ? `--${name.slice(5)}` : name;
}

function managedProblems(path: string, name: string, word: string | undefined): Problem[] {
  const plain = positive(name);
  const key = managedFlags[plain];
  if (key !== undefined)
    return [problem(path, word, `be left to '${key}', which sets ${plain}`, `set '${key}' instead`)];
  const why = fixedFlags[plain];
  return why === undefined ? [] : [problem(path, word, `not be ${plain}, because ${why}`, "take it out")];
}

function secretProblems(path: string, name: string, values: readonly string[]): Problem[] {
  const kind = values.map((value) => secretIn(value) ?? kindByName(name.slice(2), value)).find(Boolean);
  if (kind === undefined) return [];
  const rule = `hold no secret (${name} has ${kind}), because every reader of the pod can see it`;
  return [
    problem(path, undefined, rule, "give it by 'env' from a Secret, where vLLM takes it so, and revoke this one"),
  ];
}

/** The word, unless it could be a secret. */
function shown(name: string, word: string): string | undefined {
  return secretIn(word) === undefined && kindByName(name.slice(2), word.split("=").slice(1).join("=")) === undefined
    ? word
    : undefined;
}
