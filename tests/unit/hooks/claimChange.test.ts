import assert from "node:assert/strict";
import { claimRemedy } from "../../../components/hooks/claimChange";

// As Kubernetes 1.34 says it.
const refusals: readonly [string, string, RegExp][] = [
  [
    "another storage class",
    'PersistentVolumeClaim "vllm-models-cache" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests ' +
      "and volumeAttributesClassName for bound claims",
    /^The storage class of a claim cannot change in place, so the preview fails\. .*`pulumi up --skip-preview`/,
  ],
  [
    "less room",
    'PersistentVolumeClaim "vllm-models-cache" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than ' +
      "status.capacity",
    /^A claim cannot shrink: set `pvcSize` to its present size or more\.$/,
  ],
  [
    "more room where the class cannot give it",
    'persistentvolumeclaims "vllm-models-cache" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that ' +
      "provisions the pvc must support resize",
    /^The claim's storage class cannot grow volumes: set `pvcSize` back, or ask your cluster admin for `allowVolumeExpansion`\.$/,
  ],
];

describe("the way out of a refused change of the claim", () => {
  for (const [what, error, remedy] of refusals) {
    it(`is said for ${what}`, () => assert.match(claimRemedy([error]) ?? "", remedy));
  }

  it("is not said of other errors", () => assert.equal(claimRemedy(["connection refused"]), undefined));
});
