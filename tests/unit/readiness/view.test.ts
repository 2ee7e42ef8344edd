import assert from "node:assert/strict";
import { pod } from "../../../components/readiness/view";

describe("a run that was lost with its node", () => {
  const seen = (terminated: object) => {
    const lastState = { terminated };
    const server = { name: "server", ready: false, restartCount: 1, image: "", imageID: "", state: { running: {} } };
    const object = {
      metadata: { name: "vllm-1", uid: "1" },
      status: { containerStatuses: [{ ...server, lastState }] },
    };
    return pod(object, 0).containers?.[0]?.last;
  };

  it("is no crash: the runtime does not know how it ended, and its last words are of its requests", () => {
    // As kubelet 1.34.2 with containerd 1.6.20 told it when the node was started again.
    assert.equal(
      seen({ exitCode: 255, reason: "Unknown", message: "ERROR vllm.exceptions.VLLMValidationError" }),
      undefined,
    );
  });

  it("is not one that has ended itself with 255", () => {
    assert.deepEqual(seen({ exitCode: 255, reason: "Error" }), { exitCode: 255, reason: "Error" });
  });
});
