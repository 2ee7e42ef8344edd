import type * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes/types/input";
import type { ResolvedArgs } from "../args/resolve";
import { parseImage } from "../text/syntax";

/** A volume and where it is mounted, together, so that neither can be forgotten. */
export interface Mount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  source: Omit<k8s.core.v1.Volume, "name">;
}

const cacheFolder = "/var/cache/vllm";

/** Volumes that both containers mount. */
export function sharedMounts(args: ResolvedArgs, claimName: pulumi.Input<string> = args.claimName): Mount[] {
  const models: Mount = {
    name: "models",
    mountPath: args.modelsPath,
    source: { persistentVolumeClaim: { claimName } },
  };
  const cache: Mount = { name: "cache", mountPath: cacheFolder, source: { emptyDir: {} } };
  return args.securityMode === "restricted" ? [models, cache] : [models];
}

export function volumeMounts(args: ResolvedArgs, own: readonly Mount[]): k8s.core.v1.VolumeMount[] {
  return [...sharedMounts(args), ...own].map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly !== undefined && { readOnly }),
  }));
}

export function volumes(mounts: readonly Mount[]): k8s.core.v1.Volume[] {
  return mounts.map(({ name, source }) => ({ name, ...source }));
}

/**
 * Under a random UID the image's home cannot be written and the UID has no name, so every cache and HOME lie on a
 * volume. HF_HOME is left out: huggingface_hub derives it from XDG_CACHE_HOME, and the server uses no hub.
 */
export function cacheEnvironment(args: ResolvedArgs): Record<string, string> {
  if (args.securityMode === "anyuid") return {};
  return {
    HOME: cacheFolder,
    USER: "vllm",
    XDG_CACHE_HOME: `${cacheFolder}/.cache`,
    XDG_CONFIG_HOME: `${cacheFolder}/.config`,
    TRITON_CACHE_DIR: `${cacheFolder}/triton`,
    TORCHINDUCTOR_CACHE_DIR: `${cacheFolder}/inductor`,
  };
}

/** No runAsUser in restricted mode: OpenShift chooses it from the namespace's range. */
export function podSecurity(args: ResolvedArgs): k8s.core.v1.PodSecurityContext {
  if (args.securityMode === "anyuid") return { runAsUser: 0 };
  return { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
}

/**
 * What a container runtime leaves a container by default, but for DAC_OVERRIDE: without that one root cannot write to a volume of another uid,
 * which is why the pod is root. `ALL` with DAC_OVERRIDE added is what the SCC anyuid refuses: it allows no capability to be added.
 * https://github.com/containerd/containerd/blob/v1.7.29/oci/spec.go
 */
const spareCapabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

export function containerSecurity(args: ResolvedArgs): Pick<k8s.core.v1.Container, "securityContext"> {
  const drop = args.securityMode === "anyuid" ? spareCapabilities : ["ALL"];
  return { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop } } };
}

/** Kubernetes' own default, written out: a tag that floats on purpose is asked for at each start. */
export function pullPolicy(image: string): "Always" | "IfNotPresent" {
  const { tag, digest } = parseImage(image) ?? {};
  return digest === undefined && (tag ?? "latest") === "latest" ? "Always" : "IfNotPresent";
}
