/** What `up` says of each recorded fault is what `doctor`, `status` and `logs` say of it. */
import assert from "node:assert/strict";
import type { Finding } from "../../../components/readiness/finding";
import { resolveArgs } from "../../../components/args/resolve";
import type { Checked, CheckFinding } from "../../../ops/checks/check";
import { deployedChecks } from "../../../ops/checks/deployed";
import { troubleOf as saidByLogs } from "../../../ops/commands/logs";
import { troubleOf as saidByStatus } from "../../../ops/commands/status";
import { mainPod, type Observation, observe } from "../../../ops/stack/observe";
import type { OpsStack } from "../../../ops/stack/openStack";
import { nodeExpectations, nodeRecordings } from "../../recorded/node";
import { expectedOf, recordings } from "../../recorded/recordings";
import { type FakeCluster, paths, pod, rolledOut } from "../readiness/fakeCluster";
import { target } from "../readiness/play";
import { crashedServer, toldByNode, watched } from "../readiness/watched";

const stack = {
  name: "dev",
  project: "vllm-inference",
  directory: ".",
  connection: {},
  args: resolveArgs(target.component, {}),
  target,
} as unknown as OpsStack;

async function saidByDoctor(seen: Observation): Promise<CheckFinding[]> {
  const startUp = deployedChecks.find(({ id }) => id === "start-up");
  assert.ok(startUp);
  return [await startUp.run({ stack, seen } as unknown as Checked)].flat() as CheckFinding[];
}

/** What the commands say at this moment must be the finding of `up`. */
async function othersAgree(
  cluster: FakeCluster,
  { symptom: { id, title }, root = "", container }: Finding,
): Promise<void> {
  const seen = await observe(cluster, target);
  assert.ok(seen);
  assert.equal(seen.findings[0]?.symptom.id, id);
  const [doctor] = await saidByDoctor(seen);
  assert.equal(doctor?.severity, "error");
  assert.match(doctor.remedy ?? "", /; more: `kubectl [^`]+`$/, "between backticks, where it is told its cluster");
  const [status] = saidByStatus(seen, stack);
  const oneLine = (text: string): string => text.replace(/\s+/g, " ");
  for (const text of [doctor.evidence, `${status?.title}: ${status?.evidence}`]) {
    assert.ok(text.startsWith(`${title}: `), text);
    assert.ok(oneLine(text).includes(oneLine(root).slice(0, 100)), text);
  }
  if (container === undefined) return;
  const main = mainPod(seen.snapshot);
  const at = main?.containers?.find(({ name }) => name === container);
  assert.ok(main && at);
  assert.ok(saidByLogs(seen, main, at)?.startsWith(`${title}: `));
}

describe("a recorded crash of the server, seen by `up` and by the commands", () => {
  for (const recording of recordings()) {
    const expected = expectedOf(recording);
    if (!recording.exitCode || expected === undefined || expected.open) continue;
    for (const now of ["waits", "runs"] as const) {
      const when = now === "waits" ? "" : ", while the next run loads";
      it(`${recording.version} ${recording.fault}${when}: ${expected.symptom}`, async () => {
        const cluster = crashedServer(recording, now);
        const { finding } = await watched({ cluster, at: () => undefined }, 20);
        assert.equal(finding?.symptom.id, expected.symptom);
        await othersAgree(cluster, finding);
      });
    }
  }

  it("that serves by now is told by its whole log, too, not by the last words that the kubelet keeps", async () => {
    const recording = recordings().find(({ fault, version }) => fault === "truncated-shard" && version === "0.32.0");
    assert.ok(recording);
    const seen = await observe(crashedServer(recording, "serves"), target);
    assert.ok(seen);
    assert.match(JSON.stringify(await saidByDoctor(seen)), /a file of the model on the volume is broken or cut short/);
  });
});

describe("a start on two GPUs whose log stands still", () => {
  const lines = [
    "2026-01-01T00:00:51.000000000Z (EngineCore pid=52) INFO 01-01 00:00:51 [core.py:93] Initializing a V1 LLM engine, tensor_parallel_size=2",
    "2026-01-01T00:00:54.000000000Z (Worker_TP1 pid=99) INFO 01-01 00:00:54 [pynccl.py:113] vLLM is using nccl==2.27.5",
    "2026-01-01T00:05:58.000000000Z (EngineCore pid=52) INFO 01-01 00:05:58 [shm_broadcast.py:501] No available shared memory broadcast block found in 60 seconds.",
  ];
  const at = (date: string): FakeCluster => {
    const running = { name: "server", ready: false, started: false, restartCount: 0, state: { running: {} } };
    const conditions = [{ type: "PodScheduled", status: "True" }];
    const cluster = rolledOut([pod("vllm-1", "new", { phase: "Running", conditions, containerStatuses: [running] })]);
    cluster.texts.set(`${paths.pods}/vllm-1/log`, lines.join("\n"));
    cluster.date = Date.parse(date);
    return cluster;
  };

  it("is named at once by `up` and by the commands, whenever they begin to look, and is no doom", async () => {
    const cluster = at("2026-01-01T00:06:00Z");
    const { verdict, finding } = await watched({ cluster, at: () => undefined }, 2);
    assert.equal(verdict, "waiting");
    assert.match(finding?.evidence ?? "", /has said nothing for 306 s after: .*vLLM is using nccl==2\.27\.5$/);
    assert.ok(finding);
    await othersAgree(cluster, finding);
  });

  it("is not named before it has lasted", async () => {
    const { finding } = await watched({ cluster: at("2026-01-01T00:05:00Z"), at: () => undefined }, 2);
    assert.equal(finding, undefined);
  });
});

describe("what a real kubelet said of a fault, seen by `up` and by the commands", () => {
  for (const recording of nodeRecordings().filter(({ fault }) => nodeExpectations[fault]?.symptom !== undefined)) {
    it(recording.fault, async () => {
      const told = toldByNode(recording);
      const { finding } = await watched(told);
      assert.ok(finding);
      await othersAgree(told.cluster, finding);
    });
  }

  it("server-unready, by the words of the probe: the server's own last line says that it is complete", async () => {
    const recording = nodeRecordings().find(({ fault }) => fault === "server-unready");
    assert.ok(recording);
    const { cluster, at } = toldByNode(recording);
    at(Infinity);
    cluster.texts.set(`${paths.pods}/${recording.pod.metadata?.name}/log`, "INFO:     Application startup complete.");
    const seen = await observe(cluster, target);
    assert.ok(seen);
    assert.match(seen.standing.detail, /^Readiness probe failed: /);
    const [doctor] = await saidByDoctor(seen);
    assert.match(
      doctor?.evidence ?? "",
      /^the server has started, but does not pass its readiness probe: Readiness probe/,
    );
    assert.match(doctor?.mend ?? "", /logs server --stack dev/);
    assert.equal(doctor?.severity, "error", "it may have served for weeks: nobody is answered now");
  });
});
