import type { V1PersistentVolume, V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import { type Api, ignoring, pathOf } from "./api";

/** The provisioner that objects/storage.yaml names. */
export const provisioner = "csi.simulation";

/** What the provisioner sees. */
export interface Storage {
  classes: Map<string, V1StorageClass>;
  claims: Map<string, V1PersistentVolumeClaim>;
  volumes: Map<string, V1PersistentVolume>;
}

/** Does what a CSI driver's sidecars do: makes volumes for claims, grows them, deletes what has been released. */
export async function reconcileVolumes(api: Api, { classes, claims, volumes }: Storage): Promise<void> {
  for (const claim of claims.values()) {
    const storageClass = classes.get(`/${claim.spec?.storageClassName ?? ""}`);
    if (storageClass?.provisioner !== provisioner) continue;
    const volume = volumeFor(claim, storageClass);
    if (volume && !volumes.has(`/${volume.metadata?.name}`))
      await ignoring(409, api.create(pathOf({ kind: "PersistentVolume" }), volume));
    const size = growth(claim, storageClass);
    if (size !== undefined) await grow(api, claim, size);
  }
  for (const volume of volumes.values()) {
    const ours = volume.metadata?.annotations?.["pv.kubernetes.io/provisioned-by"] === provisioner;
    const over = volume.status?.phase === "Released" && volume.spec?.persistentVolumeReclaimPolicy === "Delete";
    if (ours && over && !volume.metadata?.deletionTimestamp) {
      await ignoring(404, api.remove(pathOf({ kind: "PersistentVolume", metadata: { name: volume.metadata!.name! } })));
    }
  }
}

/** The volume that a claim waits for, once the scheduler has chosen the node. */
export function volumeFor(
  claim: V1PersistentVolumeClaim,
  storageClass: V1StorageClass,
): V1PersistentVolume | undefined {
  const { metadata, spec } = claim;
  const waits = storageClass.volumeBindingMode === "WaitForFirstConsumer";
  if (spec?.volumeName || metadata?.deletionTimestamp) return undefined;
  if (waits && !metadata?.annotations?.["volume.kubernetes.io/selected-node"]) return undefined;
  const { name, namespace, uid } = metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${uid}`, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
    spec: {
      accessModes: spec?.accessModes ?? [],
      capacity: { storage: spec?.resources?.requests?.["storage"] ?? "0" },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", ...{ name, namespace, uid } } as object,
      csi: { driver: provisioner, volumeHandle: `pvc-${uid}` },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
      storageClassName: storageClass.metadata?.name ?? "",
      volumeMode: spec?.volumeMode ?? "Filesystem",
    },
  };
}

/**
 * The size that a bound claim asks for and does not have yet. Shrinking never gets here: the API server refuses it, as it
 * refuses growth in a class that does not allow it, so that any difference is growth.
 */
export function growth(claim: V1PersistentVolumeClaim, storageClass: V1StorageClass): string | undefined {
  const asked = claim.spec?.resources?.requests?.["storage"];
  const has = claim.status?.capacity?.["storage"];
  if (claim.status?.phase !== "Bound" || !storageClass.allowVolumeExpansion || asked === has) return undefined;
  return asked;
}

async function grow(api: Api, claim: V1PersistentVolumeClaim, storage: string): Promise<void> {
  const volume = { kind: "PersistentVolume", metadata: { name: claim.spec!.volumeName! } };
  await api.merge(pathOf(volume), { spec: { capacity: { storage } } });
  const path = pathOf({ kind: "PersistentVolumeClaim", metadata: claim.metadata! });
  await api.merge(`${path}/status`, { status: { capacity: { storage }, conditions: null } });
}
