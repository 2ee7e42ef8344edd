/** The provisioner of the class `node-disk`: a disk and a `local` PersistentVolume for each claim, grown and removed as the claim is. */
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import { type Api, ignoring, pathOf } from "../simulation/api";
import { growth, type Storage, volumeFor } from "../simulation/volumes";
import type { Disks } from "./disks";
import { nodeName } from "./programs";

export const provisioner = "disk.real-node";

export async function reconcileDisks(api: Api, { classes, claims, volumes }: Storage, disks: Disks): Promise<void> {
  for (const claim of claims.values()) {
    const storageClass = classes.get(`/${claim.spec?.storageClassName ?? ""}`);
    if (storageClass?.provisioner !== provisioner) continue;
    const volume = localVolume(claim, storageClass, disks);
    if (volume) {
      await disks.ensure(volume.metadata!.name!, volume.spec!.capacity!["storage"]!);
      if (!volumes.has(`/${volume.metadata!.name}`))
        await ignoring(409, api.create(pathOf({ kind: "PersistentVolume" }), volume));
    }
    const size = growth(claim, storageClass);
    if (size !== undefined) await grow(api, claim, size, disks);
  }
  for (const volume of volumes.values()) {
    const name = volume.metadata!.name!;
    if (volume.metadata?.annotations?.["pv.kubernetes.io/provisioned-by"] !== provisioner) continue;
    const over = volume.status?.phase === "Released" && volume.spec?.persistentVolumeReclaimPolicy === "Delete";
    if (!over) {
      await disks.ensure(name, volume.spec!.capacity!["storage"]!); // after a new start of the node
    } else if (!volume.metadata.deletionTimestamp) {
      await disks.remove(name);
      await ignoring(404, api.remove(pathOf({ kind: "PersistentVolume", metadata: { name } })));
    }
  }
}

/** A volume that this node alone has; the kubelet gives it the pod's group, as it does not with a `hostPath`. */
function localVolume(
  claim: V1PersistentVolumeClaim,
  storageClass: V1StorageClass,
  disks: Disks,
): V1PersistentVolume | undefined {
  const volume = volumeFor(claim, storageClass);
  if (volume === undefined) return undefined;
  const name = volume.metadata!.name!;
  const onNode = { key: "kubernetes.io/hostname", operator: "In", values: [nodeName] };
  const spec = { ...volume.spec!, local: { path: disks.path(name) } };
  delete spec.csi;
  return {
    ...volume,
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
    spec: {
      ...spec,
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } },
    },
  };
}

async function grow(api: Api, claim: V1PersistentVolumeClaim, storage: string, disks: Disks): Promise<void> {
  const name = claim.spec!.volumeName!;
  await disks.grow(name, storage);
  await api.merge(pathOf({ kind: "PersistentVolume", metadata: { name } }), { spec: { capacity: { storage } } });
  const path = pathOf({ kind: "PersistentVolumeClaim", metadata: claim.metadata! });
  await api.merge(`${path}/status`, { status: { capacity: { storage }, conditions: null } });
}
