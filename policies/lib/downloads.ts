/** Whether a container downloads from the Hugging Face Hub, why, and whether its own command line says that it may. */
import type { Word } from "./commandLine";
import { environment, image, programs, repository, volumeMounts } from "./containers";
import { servesVllm } from "./evidence";
import type { Container } from "./pods";
import type { Program } from "./programs";
import { modelSources, serverProgram } from "./server";
import { asText, at, elements, UNKNOWN, type Value } from "./values";
import { isRhaiis, vllmImage } from "./vllmNames";

export const offlineSwitch = "HF_HUB_OFFLINE";

export interface Download {
  /** A clause for a sentence. */
  readonly because: string;
  /** What the command line itself sets the switch to, where it does: that wins over the container's environment. */
  readonly inline: Word | undefined;
  /** The model that a server loads from the Hub. */
  readonly model?: string;
}

/** `undefined` if the container does not download, as far as can be known. */
export function downloadOf(container: Container): Download | undefined {
  const started = programs(container);
  if (started === UNKNOWN) return undefined;
  const found = started.flatMap((program): Download[] => {
    const what = downloadCommand(program);
    return what === undefined ? [] : [{ because: `its command runs ${what}`, inline: program.set.get(offlineSwitch) }];
  });
  // The one that is wrong is told; if all are right, the first.
  const wrong = found.find(({ inline }) => typeof inline === "string" && inline !== "0" && inline !== "");
  return (
    wrong ??
    found.find(({ inline }) => inline === undefined) ??
    found[0] ??
    loads(container) ??
    script(container, started)
  );
}

export function downloads(container: Container): boolean {
  return downloadOf(container) !== undefined;
}

const commandModules = /^huggingface_hub(?:$|\.(?:cli\.hf|cli|commands\.huggingface_cli|commands)(?:$|\.))/;
const code =
  /\b(?:snapshot_download|hf_hub_download|hf_hub_url)\s*\(|["'](?:hf|huggingface-cli)["']\s*,\s*["']download["']|\b(?:hf|huggingface-cli) download\b|\.from_pretrained\(\s*["'][\w.-]+\/[\w.-]+["']/;
const verbs = /^(?:download|snapshot-download)$/;

function downloadCommand({ name, module, code: text, args }: Program): string | undefined {
  const verb = args.find((word) => typeof word !== "string" || !word.startsWith("-"));
  const fetches = typeof verb === "string" && verbs.test(verb);
  if ((name === "hf" || name === "huggingface-cli") && fetches) return `\`${name} ${verb}\``;
  if (module !== undefined && commandModules.test(module) && fetches)
    return `\`${name ?? "python"} -m ${module} ${verb}\``;
  const found = text === undefined ? undefined : code.exec(text)?.[0].replace(/\s*\($/, "");
  return found === undefined ? undefined : `\`${found}\``;
}

/**
 * A server that is given the Hub's name of a model fetches it itself. The community's image leaves the Hub on; what is made
 * by Red Hat turns it off, and what nobody knows may be made of that.
 */
function loads(container: Container): Download | undefined {
  const name = repository(image(container) ?? "");
  if (!servesVllm(container) || (vllmImage(name) === "own" && !isRhaiis(name))) return undefined;
  const { variables } = environment(container);
  if (variables.some((variable) => variable.name === "VLLM_USE_MODELSCOPE")) return undefined;
  const model = modelSources(container).find(isHubId);
  const inline = serverProgram(container)?.set.get(offlineSwitch);
  return model === undefined ? undefined : { because: `it loads ${model} from the Hub`, inline, model };
}

function isHubId(model: string): boolean {
  return /^[\w-][\w.-]*\/[\w.-]+$/.test(model);
}

/** A script on Red Hat's image that has what only a download needs. */
function script(container: Container, started: readonly Program[]): Download | undefined {
  const reference = image(container);
  if (reference === undefined || !isRhaiis(repository(reference)) || servesVllm(container)) return undefined;
  const scripts = started.filter((program) => program.script !== undefined || /\.(?:sh|py)$/.test(program.path));
  const [first] = scripts;
  if (!first) return undefined;
  const { variables } = environment(container);
  const variable = variables.find(({ name }) => name === "HF_HOME" || name === "HF_HUB_CACHE" || isHubToken(name));
  const path = first.script ?? first.path;
  if (variable) return { because: `it runs ${path} with ${variable.name}`, inline: undefined };
  return /download|fetch|pull|hugging|snapshot/i.test(path)
    ? { because: `it runs ${path}`, inline: undefined }
    : undefined;
}

function isHubToken(name: string): boolean {
  return name === "HF_TOKEN" || name === "HUGGING_FACE_HUB_TOKEN" || name === "HUGGINGFACEHUB_API_TOKEN";
}

const places = ["HF_HUB_CACHE", "HF_HOME", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE"];

/**
 * Whether a server that is told to stay offline has its cache on a volume that outlives it, as an air-gapped cluster has: the
 * model is local, although it goes by its name.
 */
export function hasFilledCache(container: Container): boolean {
  const variables = environment(container).variables;
  const folders = places.flatMap((name) => {
    const value = asText(at(variables.find((variable) => variable.name === name)?.entry, "value"));
    return value === undefined ? [] : [value];
  });
  return volumeMounts(container).some((mount) => {
    const path = asText(mount.mountPath);
    if (path === undefined || !outlivesPod(container, mount.name)) return false;
    if (folders.length === 0) return /cache|hugging|hub/i.test(path);
    return folders.some((folder) => `${folder}/`.startsWith(`${path.replace(/\/$/, "")}/`));
  });
}

const passing = ["emptyDir", "configMap", "secret", "projected", "downwardAPI"];

function outlivesPod(container: Container, name: Value | undefined): boolean {
  const volume = elements(at(container.pod.spec, "volumes")).find((candidate) => at(candidate, "name") === name);
  return volume !== undefined && !passing.some((kind) => at(volume, kind) !== undefined);
}
