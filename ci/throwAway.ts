/**
 * A stack's file made fit for a throw-away stack: without what only its owner can decrypt, on a cluster that looks as the stack expects.
 * Pure.
 */
import { parse, stringify } from "yaml";
import { UserError } from "../shared/errors";
import { isSecure } from "../local/pulumi/stackFile";

export type Config = Readonly<Record<string, unknown>>;

/** The configuration of a stack's file; no salt, no `secure:` value, no kubeconfig of somebody's machine. */
export function plainConfig(stackFile: string, project: string, kubeconfig: string): Config {
  const file = map(parse(stackFile), "what it holds");
  const plain = withoutSecrets(map(file["config"], "'config'")) as Record<string, unknown>;
  return { ...plain, [`${project}:kubeconfig`]: kubeconfig };
}

function map(value: unknown, what: string): Record<string, unknown> {
  if (typeof (value ?? {}) !== "object" || Array.isArray(value))
    throw new UserError(`${what} must be keys and their values`);
  return (value ?? {}) as Record<string, unknown>;
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isSecure(item)).map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, item]) => !isSecure(item));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutSecrets(item)]));
}

/** The stack's own value of a key, else the default that Pulumi.yaml gives. */
export function setting(config: Config, project: string, key: string, projectFile?: string): unknown {
  const own = config[`${project}:${key}`];
  if (own !== undefined || projectFile === undefined) return own;
  const declared = (parse(projectFile) as { config?: Record<string, { default?: unknown }> }).config?.[key];
  return declared?.default;
}

/** Of a key that is true or false, which `pulumi config set` writes as texts; undefined where it is neither. */
export function flag(config: Config, project: string, key: string, projectFile?: string): boolean | undefined {
  const value = setting(config, project, key, projectFile);
  return [true, false].find((each) => value === each || value === String(each));
}

/** A list or a map, which `pulumi config set` without `--path` writes as JSON text; what is neither is left to the program, which says so. */
function structure(config: Config, project: string, key: string): unknown {
  const value = setting(config, project, key);
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** What the stack's file leaves to whoever deploys, and that the program insists on: the image's digest. */
export function imageStandIn(config: Config, project: string, projectFile: string): string | undefined {
  const image = setting(config, project, "image", projectFile);
  const wanted = flag(config, project, "requireImageDigest", projectFile) === true;
  if (!wanted || typeof image !== "string" || image.includes("@sha256:")) return undefined;
  return `${image}@sha256:${"0".repeat(64)}`;
}

/** The embedded cluster's kubeconfig, in which the names that stacks give their clusters mean that one too. */
export function withContexts(kubeconfig: string, names: readonly unknown[]): string {
  const file = parse(kubeconfig) as { contexts: { name: string; context: object }[] };
  const [own] = file.contexts;
  if (!own) throw new Error("the embedded cluster's kubeconfig has no context");
  const wanted = names.filter((name): name is string => typeof name === "string" && name !== "" && name !== own.name);
  const others = [...new Set(wanted)].map((name) => ({ name, context: own.context }));
  return stringify({ ...file, contexts: [...file.contexts, ...others] });
}

/** The stacks whose outputs a gateway's configuration names. */
export function referencesIn(config: Config, project: string): string[] {
  const models = structure(config, project, "models");
  if (!Array.isArray(models)) return [];
  return models.flatMap((model) => (isModel(model) && typeof model.stack === "string" ? [model.stack] : []));
}

/** Under which names a gateway's file says that a stack's model is to be reached. */
export function aliasesOf(config: Config, project: string, reference: string): string[] {
  const models = structure(config, project, "models");
  const own = Array.isArray(models) ? models.filter((model) => isModel(model) && model.stack === reference) : [];
  const lists = own.map((model: { aliases?: unknown }) => model.aliases ?? structure(config, project, "aliases"));
  return lists.flat().filter((alias): alias is string => typeof alias === "string");
}

/**
 * A gateway's configuration for the throw-away backend, which is self-managed and so knows no organization but `organization`. Where a URL is given,
 * every gate asks that one.
 */
export function withModels(config: Config, project: string, gateUrl?: string): Config {
  const models = structure(config, project, "models");
  // What is no list of models is left to the program, which says so.
  if (!Array.isArray(models)) return config;
  const changed = models.map((model: unknown) => {
    if (!isModel(model)) return model;
    const { stack } = model;
    return {
      ...model,
      ...(typeof stack === "string" && { stack: stack.replace(/^[^/]+\//, "organization/") }),
      ...(gateUrl !== undefined && { gateUrl }),
    };
  });
  return { ...config, [`${project}:models`]: changed };
}

function isModel(value: unknown): value is { stack?: unknown } {
  return typeof value === "object" && value !== null;
}

interface Expected {
  objects: object[];
  nodeLabels: Record<string, string>;
}

/** What the stack takes for granted of its cluster; the embedded one is given it. */
export function expectedObjects(config: Config, project: string): Expected {
  const all = modelConfigs(config, project).map((each) => expectedOf(each, project));
  const objects = all.flatMap((each) => each.objects).map((each) => [JSON.stringify(each), each] as const);
  return {
    objects: [...new Map(objects).values()],
    nodeLabels: Object.assign({}, ...all.map((each) => each.nodeLabels)) as Record<string, string>,
  };
}

/** The configuration as each of an inference stack's models has it: its own settings over those that stand beside the map. */
function modelConfigs(config: Config, project: string): Config[] {
  const models = structure(config, project, "models");
  // A gateway's are a list; what is no map is left to the program, which says so.
  if (typeof models !== "object" || models === null || Array.isArray(models)) return [config];
  const own = Object.values(models as Record<string, unknown>).map((each): Config => {
    const settings = typeof each === "object" && each !== null ? Object.entries(each) : [];
    return {
      ...config,
      ...Object.fromEntries(settings.map(([key, value]) => [`${project}:${key}`, value])),
    };
  });
  return own.length === 0 ? [config] : own;
}

function expectedOf(config: Config, project: string): Expected {
  const text = (key: string): string | undefined => {
    const value = setting(config, project, key);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const namespace = text("namespace") ?? project;
  const inNamespace = (name: string): object => ({ name, namespace });
  const [storageClass, runtimeClass] = [text("storageClassName"), text("runtimeClassName")];
  const [pullSecret, authority, claim] = [text("imagePullSecret"), text("trustedCaConfigMap"), text("existingClaim")];
  const own = flag(config, project, "createNamespace") === false;
  const objects = [
    storageClass && {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: storageClass },
      provisioner: "csi.simulation",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
    runtimeClass && {
      apiVersion: "node.k8s.io/v1",
      kind: "RuntimeClass",
      metadata: { name: runtimeClass },
      handler: "runc",
    },
    own && { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    own && pullSecret && { apiVersion: "v1", kind: "Secret", metadata: inNamespace(pullSecret) },
    own &&
      authority && {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: inNamespace(authority),
        data: { "ca-bundle.crt": "" },
      },
    own &&
      claim && {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: inNamespace(claim),
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: text("pvcSize") ?? "30Gi" } } },
      },
  ].filter((object): object is Exclude<typeof object, false | "" | undefined> => typeof object === "object");
  const selector = structure(config, project, "nodeSelector");
  const labels = typeof selector === "object" && selector !== null ? Object.entries(selector) : [];
  return { objects, nodeLabels: Object.fromEntries(labels.map(([key, value]) => [key, String(value)])) };
}
