import { deepEqual, equal } from "node:assert/strict";
import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { growth, volumeFor } from "../../../local/simulation/volumes";

describe("the simulated provisioner", () => {
  const storage = {
    provisioner: "csi.simulation",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  };
  const claim = (
    annotations: Record<string, string>,
    more: Partial<V1PersistentVolumeClaim> = {},
  ): V1PersistentVolumeClaim => ({
    metadata: { name: "cache", namespace: "team", uid: "7", annotations },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "30Gi" } } },
    ...more,
  });
  const chosen = { "volume.kubernetes.io/selected-node": "gpu-worker-0" };

  it("waits for the first consumer", () => {
    equal(volumeFor(claim({}), storage), undefined);
    equal(volumeFor(claim(chosen), storage)?.metadata?.name, "pvc-7");
    equal(volumeFor(claim({}), { ...storage, volumeBindingMode: "Immediate" })?.metadata?.name, "pvc-7");
  });

  it("makes a volume that only this claim can bind", () => {
    const reference = volumeFor(claim(chosen), storage)?.spec?.claimRef;
    deepEqual([reference?.namespace, reference?.name, reference?.uid], ["team", "cache", "7"]);
  });

  it("grows a bound claim of a class that can, and no other", () => {
    const bound = claim(chosen, { status: { phase: "Bound", capacity: { storage: "20Gi" } } });
    equal(growth(bound, storage), "30Gi");
    equal(growth(bound, { ...storage, allowVolumeExpansion: false }), undefined);
    equal(growth(claim(chosen, { status: { phase: "Bound", capacity: { storage: "30Gi" } } }), storage), undefined);
    equal(growth(claim(chosen, { status: { phase: "Pending" } }), storage), undefined);
  });
});
