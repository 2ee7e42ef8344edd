import { defaultAliases } from "./data/aliases";
import type { GatewayValues } from "./configSchema";

/** Keys that have no default: whoever needs one must set it. */
type WithoutDefault =
  | "kubeContext"
  | "kubeconfig"
  | "imagePullSecret"
  | "routeHost"
  | "litellmUrl"
  | "litellmAdminKey"
  | "litellmClientKey";
type Defaults = {
  [Key in Exclude<keyof GatewayValues, WithoutDefault>]-?: Exclude<GatewayValues[Key], undefined>;
};

export const gatewayDefaults: Defaults = {
  mode: "deploy",
  models: [],
  aliases: [...defaultAliases],
  provider: "hosted_vllm",
  gateTimeoutSeconds: 120,
  namespace: "vllm-gateway",
  createNamespace: true,
  adoptExisting: false,
  // The version that the chain ring runs (tests/chain/litellm.txt). The image itself was never pulled, so its digest is not known.
  image: "ghcr.io/berriai/litellm-non_root:v1.108.7",
  requireImageDigest: false,
  replicas: 1,
  resources: {
    requests: { cpu: "500m", memory: "1Gi", "ephemeral-storage": "256Mi" },
    limits: { cpu: "2", memory: "4Gi" },
  },
  routeEnabled: true,
  routePath: "/v1",
  routeTimeout: "600s",
  egressCidrs: [],
  masterKeyRotation: 1,
};

/** The settings with every default applied. */
export type Settings = Omit<Defaults, "models"> & {
  [Key in WithoutDefault]?: Exclude<GatewayValues[Key], undefined>;
} & { models: ModelSettings[] };

/** One model of an inference stack, with the defaults of the gateway applied. */
export interface ModelSettings {
  stack: string;
  /** Which of its models; unset means the only one. */
  model?: string | undefined;
  /** Unset means the names under which it is served, with `direct`. */
  aliases?: string[] | undefined;
  /** By which of its URLs the gateway reaches the model. */
  endpoint: "internal" | "route";
  /** By which URL this machine reaches the model to prove a tool call; unset means its Route. */
  gateUrl?: string | undefined;
}

export function resolveSettings(values: GatewayValues): Settings {
  const merged = { ...gatewayDefaults, ...values } as Defaults & Omit<Settings, "models">;
  const wanted = values.aliases?.length ? values.aliases : undefined;
  const aliases = wanted ?? (merged.mode === "direct" ? undefined : gatewayDefaults.aliases);
  const models = merged.models.map((model) => ({
    ...model,
    aliases: model.aliases ?? aliases,
    // A LiteLLM elsewhere, or a laptop, cannot resolve the names of the cluster's Services.
    endpoint: model.endpoint ?? (merged.mode === "deploy" ? ("internal" as const) : ("route" as const)),
  }));
  return { ...merged, models };
}
