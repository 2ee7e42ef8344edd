import type { Symptom } from "./symptom";

/** What goes wrong with the claim and its volume. */
export const volumeSymptoms: readonly Symptom[] = [
  {
    id: "storage-class-missing",
    title: "the cluster has no such StorageClass",
    sees: "claim Pending: `storageclass not found`",
    area: "volume",
    patterns: [/storageclass\S* "[^"]+" not found/i],
    remedy: "set `storageClassName` to one that `kubectl get storageclass` shows",
    doom: "at-once",
    example: 'storageclass.storage.k8s.io "gp9" not found',
  },
  {
    id: "claim-unbindable",
    title: "no volume fits the claim",
    sees: "claim Pending: `no persistent volumes available for this claim`",
    area: "volume",
    reasons: ["FailedBinding"],
    patterns: [/no persistent volumes available/i],
    remedy:
      "set `storageClassName` (the cluster has no default class that provisions), or create a volume that fits `pvcSize`",
    doom: "repeated",
    example: "no persistent volumes available for this claim and no storage class is set",
  },
  {
    id: "claim-provisioning",
    title: "the claim's volume cannot be provisioned",
    sees: "claim Pending: ProvisioningFailed",
    area: "volume",
    reasons: ["ProvisioningFailed"],
    patterns: [/failed to provision volume/i],
    remedy: "see the provisioner's message; a smaller `pvcSize` or another `storageClassName` may do",
    doom: "repeated",
    example: 'failed to provision volume with StorageClass "gp3-csi": rpc error: code = ResourceExhausted',
  },
  {
    id: "claim-lost",
    title: "the claim has lost its volume",
    sees: "claim Lost",
    area: "volume",
    reasons: ["ClaimLost", "Lost"],
    patterns: [],
    remedy:
      "the volume was deleted under it: delete the claim and run `pulumi refresh`, then `pulumi up`; the model is downloaded again",
    doom: "at-once",
  },
  {
    id: "volume-attach",
    title: "the volume is still attached to another node",
    sees: "pod ContainerCreating: `Multi-Attach error`",
    area: "volume",
    reasons: ["FailedAttachVolume"],
    patterns: [/multi-attach error/i],
    remedy: "the node of the old pod must let go of it; if that node is dead, delete its VolumeAttachment",
    doom: "never",
    example: 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) vllm-old',
  },
];
