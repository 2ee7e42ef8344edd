import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type * as k8s from "@pulumi/kubernetes/types/input";
import { downloaderContainer, tokenKey } from "../args/names";
import type { ResolvedArgs } from "../args/resolve";
import type { LoraAdapter } from "../args/servingArgs";
import { type Context, metadata } from "./labels";
import { type Mount, cacheEnvironment, containerSecurity, pullPolicy, volumeMounts } from "./volumes";

const scriptName = "download.py";
const scriptFolder = "/opt/model-downloader";
const caFolder = "/etc/model-downloader/ca";

/** The script and its modules, by file name: files of their own, which can be run and tested outside a cluster. */
export function downloaderScript(): Record<string, string> {
  const folder = path.join(__dirname, "..", "downloader");
  const names = readdirSync(folder).filter((name) => name.endsWith(".py"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(path.join(folder, name), "utf8")]));
}

export function downloaderConfigMap(context: Context, script: Record<string, string>): k8s.core.v1.ConfigMap {
  return { metadata: metadata(context, context.args.names.downloaderConfigMap), data: script };
}

export function downloader(args: ResolvedArgs): k8s.core.v1.Container {
  return {
    name: downloaderContainer,
    image: args.image,
    imagePullPolicy: pullPolicy(args.image),
    command: ["python3", `${scriptFolder}/${scriptName}`],
    env: environment(args),
    resources: args.downloaderResources,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: volumeMounts(args, downloaderMounts(args)),
    ...containerSecurity(args),
  };
}

/** Volumes that only the downloader mounts. */
export function downloaderMounts(args: ResolvedArgs): Mount[] {
  const mounts: Mount[] = [
    {
      name: "downloader",
      mountPath: scriptFolder,
      readOnly: true,
      source: { configMap: { name: args.names.downloaderConfigMap } },
    },
  ];
  if (args.trustedCaConfigMap !== undefined) {
    const source = {
      configMap: { name: args.trustedCaConfigMap, items: [{ key: "ca-bundle.crt", path: "ca-bundle.crt" }] },
    };
    mounts.push({ name: "trusted-ca", mountPath: caFolder, readOnly: true, source });
  }
  return mounts;
}

function adapterLine({ modelId, revision }: LoraAdapter): string {
  return revision === undefined ? modelId : `${modelId}@${revision}`;
}

function environment(args: ResolvedArgs): k8s.core.v1.EnvVar[] {
  const plain: Record<string, string> = {
    MODEL_ID: args.modelId,
    MODELS_PATH: args.modelsPath,
    MODEL_SOURCE: args.modelSource,
    MODEL_VERIFY: args.modelVerify,
    MODEL_RETRY_SECONDS: String(args.downloadRetrySeconds),
    HF_HOME: `${args.modelsPath}/.hf-cache`,
    // The image sets it to 1.
    HF_HUB_OFFLINE: "0",
    HF_HUB_DISABLE_XET: args.modelXet ? "0" : "1",
    // The API server drops empty values, which would show as drift.
    ...(args.modelRevision !== undefined && { MODEL_REVISION: args.modelRevision }),
    ...(args.modelAllowPatterns.length > 0 && { MODEL_ALLOW_PATTERNS: args.modelAllowPatterns.join("\n") }),
    ...(args.modelIgnorePatterns.length > 0 && { MODEL_IGNORE_PATTERNS: args.modelIgnorePatterns.join("\n") }),
    ...(args.loraAdapters.length > 0 && { MODEL_ADAPTERS: args.loraAdapters.map(adapterLine).join("\n") }),
    ...(args.hfEndpoint !== undefined && { HF_ENDPOINT: args.hfEndpoint }),
    ...(args.httpsProxy !== undefined && { HTTPS_PROXY: args.httpsProxy }),
    ...(args.noProxy !== undefined && { NO_PROXY: args.noProxy }),
    ...(args.trustedCaConfigMap !== undefined && {
      SSL_CERT_FILE: `${caFolder}/ca-bundle.crt`,
      REQUESTS_CA_BUNDLE: `${caFolder}/ca-bundle.crt`,
    }),
    ...cacheEnvironment(args),
  };
  const variables: k8s.core.v1.EnvVar[] = Object.entries(plain).map(([name, value]) => ({ name, value }));
  if (args.hfToken !== undefined || args.hfTokenSecret !== undefined) {
    const secretKeyRef = { name: args.names.tokenSecret, key: tokenKey };
    variables.push({ name: "HF_TOKEN", valueFrom: { secretKeyRef } });
  }
  return variables;
}
