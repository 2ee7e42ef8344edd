import assert from "node:assert/strict";
import type { AwaitError } from "../../../local/plugins/kubernetes/await";
import { awaitDeleted, awaitReady, waitProblems, type Wait } from "../../../local/plugins/kubernetes/await";
import { ApiError } from "../../../components/cluster/apiError";
import type { Client } from "../../../local/plugins/kubernetes/client";
import type { JsonMap } from "../../../local/plugins/shared/wire";

/** A server that answers with each of `answers` in turn, then with the last for ever. */
function waiting(answers: (JsonMap | Error)[], seconds = 5, cancelled = new AbortController().signal): Wait {
  let call = 0;
  const get = (): Promise<JsonMap> => {
    const answer = answers[Math.min(call++, answers.length - 1)] ?? {};
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { client: { get } as unknown as Client, seconds, cancelled, report: () => undefined };
}

const object = (status: JsonMap, annotations: JsonMap = {}): JsonMap => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "work", uid: "1", generation: 2, annotations },
  spec: { replicas: 1 },
  status,
});
const ready = {
  observedGeneration: 2,
  replicas: 1,
  updatedReplicas: 1,
  availableReplicas: 1,
  conditions: [{ type: "Available", status: "True" }],
};

describe("waits of the kubernetes stand-in", () => {
  it("waits for a Deployment's rollout", async () => {
    const wait = waiting([
      object({ ...ready, observedGeneration: 1 }),
      object({ ...ready, replicas: 2 }),
      object(ready),
    ]);
    assert.deepEqual(await awaitReady(wait, object({}), object({})), object(ready));
  });

  it("asks nobody when the created object is ready as it is", async () => {
    const live = object({}, { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" });
    assert.equal(await awaitReady(waiting([new ApiError(500, "asked")]), live, live), live);
  });

  it("does not wait where skipAwait says so", async () => {
    const live = object({}, { "pulumi.com/skipAwait": "true" });
    assert.equal(await awaitReady(waiting([]), live, live), live);
  });

  it("names the object and what was missing when time is up, and hands over its last state", async () => {
    const last = object({ ...ready, availableReplicas: 0 });
    await assert.rejects(awaitReady(waiting([last], 0.1), object({}), object({})), (error: AwaitError) => {
      assert.equal(error.message, "'work' timed out waiting to be Ready");
      assert.deepEqual(error.reasons, ["Minimum number of Pods to consider the application live was not attained"]);
      assert.equal(error.live, last);
      return true;
    });
  });

  it("outlives a server that is away for a moment, and not one that refuses", async function () {
    const away = [new TypeError("fetch failed"), new ApiError(503, "restarting"), object(ready)];
    assert.deepEqual(await awaitReady(waiting(away), object({}), object({})), object(ready));
    const refusing = waiting([new ApiError(403, "deployments is forbidden", "Forbidden")]);
    await assert.rejects(awaitReady(refusing, object({}), object({})), /deployments is forbidden/);
  });

  it("ends at once when it is cancelled", async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    // Of an hour; the suite's own limit ends a test that waits for it.
    const wait = waiting([object({})], 3600, cancel.signal);
    await assert.rejects(awaitReady(wait, object({}), object({})), /Resource operation was cancelled for "work"/);
  });

  it("takes an object for gone when it is not found, or when another has its name", async () => {
    await awaitDeleted(waiting([object({}), new ApiError(404, "gone", "NotFound")]), object({}), object({}));
    const other = { ...object({}), metadata: { name: "work", uid: "2" } };
    await awaitDeleted(waiting([object({}), other]), object({}), object({}));
    await assert.rejects(
      awaitDeleted(waiting([object({})], 0.1), object({}), object({})),
      /timed out waiting for the condition/,
    );
  });

  it("refuses a wait that it cannot do", () => {
    const set = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "work" } };
    assert.match(waitProblems(set)[0]?.reason ?? "", /cannot await a StatefulSet/);
    assert.deepEqual(waitProblems({ ...set, metadata: { annotations: { "pulumi.com/skipAwait": "true" } } }), []);
    const odd = object({}, { "pulumi.com/waitFor": "Ready" });
    assert.match(waitProblems(odd)[0]?.reason ?? "", /expected a "jsonpath=" or "condition=" prefix, got "Ready"/);
  });
});
