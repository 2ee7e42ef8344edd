import type { KubeConfig } from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import type { Failure } from "../shared/provider";
import { reveal, Unknown, type ValueMap } from "../shared/wire";

/** The arguments of `kubernetes.Provider` that this stand-in honours. */
export interface Settings {
  kubeconfig: string | undefined;
  context: string | undefined;
  namespace: string | undefined;
  secretMutable: boolean;
  configMapMutable: boolean;
  patchForce: boolean;
  upsert: boolean;
  deleteUnreachable: boolean;
}

const texts = ["kubeconfig", "context", "namespace", "clusterIdentifier"];
const switches = [
  "deleteUnreachable",
  "enableConfigMapMutable",
  "enablePatchForce",
  "enableSecretMutable",
  "enableServerSideApply",
  "upsertExistingObjects",
  // It never warns of deprecated versions or of Helm hooks, so these two are always honoured.
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
];
// The engine's own; no concern of the provider.
const engineKeys = ["version", "pluginDownloadURL", "__internal"];

/** Everything that is wrong with the provider's arguments. */
export function settingsFailures(inputs: ValueMap): Failure[] {
  const failures: Failure[] = [];
  for (const [property, tagged] of Object.entries(inputs)) {
    const value = reveal(tagged);
    if (value === null || value instanceof Unknown || engineKeys.includes(property)) continue;
    if (switches.includes(property)) {
      if (!["true", "false", true, false].includes(value as string | boolean)) {
        failures.push({ property, reason: `'${property}' must be true or false` });
      }
    } else if (!texts.includes(property)) {
      const reason = `'${property}' is not supported by the stand-in for the kubernetes provider; install the official provider to use it`;
      failures.push({ property, reason });
    } else if (typeof value !== "string") {
      failures.push({ property, reason: `'${property}' must be a string` });
    }
  }
  if (isOff(inputs["enableServerSideApply"])) {
    const property = "enableServerSideApply";
    failures.push({
      property,
      reason: `'${property}' (false) must be true; install the official provider to use client-side apply`,
    });
  }
  return failures;
}

const isOff = (value: ValueMap[string] | undefined): boolean =>
  value !== undefined && ["false", false].includes(reveal(value) as string | boolean);

export function parseSettings(inputs: ValueMap): Settings {
  const value = (key: string) => reveal(inputs[key] ?? null);
  const string = (key: string): string | undefined => {
    const found = value(key);
    return typeof found === "string" && found !== "" ? found : undefined;
  };
  const on = (key: string, variable?: string): boolean => {
    const found = value(key) ?? (variable === undefined ? null : (process.env[variable] ?? null));
    return found === true || found === "true";
  };
  return {
    kubeconfig: string("kubeconfig"),
    context: string("context"),
    namespace: string("namespace"),
    secretMutable: on("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    configMapMutable: on("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    patchForce: on("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsert: on("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    deleteUnreachable: on("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
  };
}

/** In the official provider's words, layout included. */
export class ContextError extends Error {
  constructor(context: string) {
    super(
      "unable to load Kubernetes client configuration from kubeconfig file. Make sure you have: \n\n" +
        " \t • set up the provider as per https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ \n\n" +
        ` context "${context}" does not exist`,
    );
  }
}

/** The kubeconfig (a path, or its content) with the context selected; throws when either does not exist. */
export async function loadKubeConfig(settings: Pick<Settings, "kubeconfig" | "context">): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (settings.kubeconfig === undefined) config.loadFromDefault();
  else if (existsSync(settings.kubeconfig)) config.loadFromFile(settings.kubeconfig);
  else if (/^\s*[{]|:\s/.test(settings.kubeconfig)) config.loadFromString(settings.kubeconfig);
  else throw new Error(`kubeconfig file ${settings.kubeconfig} does not exist`);
  if (settings.context !== undefined) {
    if (config.getContextObject(settings.context) === null) {
      throw new ContextError(settings.context);
    }
    config.setCurrentContext(settings.context);
  }
  return config;
}
