import assert from "node:assert/strict";
import { ApiError } from "../../../components/cluster/apiError";
import { readSnapshot } from "../../../components/readiness/read";
import { askVersion } from "../../../components/readiness/version";
import { answerText } from "../../../components/versions";
import { type FakeCluster, paths, pod, rolledOut, servingStatus } from "./fakeCluster";
import { target } from "./play";

const path = `${paths.pods}/vllm-1`;
const asked = `${path}:8000/proxy/version`;

/** A pod that serves, of an image that a kubelet has pulled, and what its server answers. */
function serving(answer?: unknown, imageID = "registry.example/vllm@sha256:0"): FakeCluster {
  const status = {
    ...servingStatus,
    containerStatuses: servingStatus.containerStatuses.map((each) => ({ ...each, imageID })),
  };
  const live = pod("vllm-1", "new", status);
  const cluster = rolledOut([live]);
  cluster.objects.set(path, live);
  if (answer !== undefined) cluster.objects.set(asked, answer);
  return cluster;
}

async function ask(cluster: FakeCluster) {
  const snapshot = await readSnapshot(cluster, target, Date.parse("2026-01-01T00:01:00Z"));
  return askVersion(cluster, target, snapshot);
}

describe("which vLLM serves", () => {
  it("is what the pod answers at /version", async () => {
    assert.deepEqual(await ask(serving({ version: "0.13.0+rhai11" })), { version: "0.13.0+rhai11" });
  });

  it("is not told, with the reason, where the server is not heard", async () => {
    assert.deepEqual(await ask(rolledOut([])), { why: "its pod was not seen" });
    for (const answer of [undefined, {}, { version: 13 }, { version: "<html>" }])
      assert.deepEqual(await ask(serving(answer)), { why: "it has no answer at /version" });
    const cluster = serving({ version: "0.13.0" });
    cluster.forbidden = /proxy/;
    assert.deepEqual(await ask(cluster), { why: `cannot read ${asked}` });
    const away = serving({ version: "0.13.0" });
    const snapshot = await readSnapshot(away, target, 0);
    away.failures = [new ApiError(503, "no route to the pod")];
    assert.deepEqual(await askVersion(away, target, snapshot), { why: "no route to the pod" });
  });

  it("is asked of no simulated pod, whose address may be somebody else's", async () => {
    const cluster = serving({ version: "0.13.0" }, "");
    assert.deepEqual(await ask(cluster), { why: "its pod is simulated" });
    assert.ok(!cluster.requests.some((request) => request.includes("/proxy/")));
  });

  it("is said in one line", () => {
    const image = "mirror.example/vllm:prod";
    const said = (imageLine: string | undefined, answer: Parameters<typeof answerText>[1]) =>
      answerText({ component: "vllm", image, imageLine }, answer);
    assert.deepEqual(said(undefined, { version: "0.24.0+rhaiv" }), {
      text: "vllm: its server answers that it is vLLM 0.24.0+rhaiv, which is that of line 3.5",
    });
    assert.deepEqual(said(undefined, { version: "0.32.0" }), {
      text: "vllm: its server answers that it is vLLM 0.32.0, which is of no line that is known",
    });
    assert.deepEqual(said(undefined, { why: "its pod is simulated" }), {
      text: "vllm: which vLLM serves was not told (its pod is simulated); `imageLine` says the image's line",
    });
    assert.equal(said("3.5", { version: "0.24.0" }), undefined);
    assert.deepEqual(said("3.5", { version: "0.24.1" }), { text: "vllm: its server answers that it is vLLM 0.24.1" });
    assert.equal(said("3.5", { why: "its pod is simulated" }), undefined);
    assert.deepEqual(said("3.5", { version: "0.13.0" }), {
      text:
        "vllm: the server of mirror.example/vllm:prod answers that it is vLLM 0.13.0, which is that of line 3.3, and `imageLine` says 3.5; " +
        "correct it, or take it out",
      isWarning: true,
    });
  });
});
