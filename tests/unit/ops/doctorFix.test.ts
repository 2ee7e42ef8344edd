import assert from "node:assert/strict";
import { ApiError } from "../../../components/cluster/apiError";
import type { ClusterClient } from "../../../components/cluster/client";
import type { Checked, CheckFinding } from "../../../ops/checks/check";
import { leftoverChecks } from "../../../ops/checks/leftovers";
import { fix } from "../../../ops/commands/doctor";
import { examine } from "../../../ops/checks/examine";
import { exitCodes, OpsError } from "../../../ops/terminal/exitCodes";
import { helperLabel } from "../../../ops/helper/pod";
import { Stopped } from "../../../ops/terminal/interrupt";
import type { OpsStack } from "../../../ops/stack/openStack";

describe("doctor without a cluster", () => {
  const meet = (error: OpsError) =>
    examine(
      {
        name: "dev",
        project: "vllm-inference",
        directory: "/nowhere",
        connection: { context: "c" },
        client: () => Promise.reject(error),
        pulumi: () => Promise.reject(new OpsError("error: no stack named 'dev' found")),
        environment: () => Promise.resolve({ PULUMI_BACKEND_URL: "file:///nowhere" }),
      } as unknown as OpsStack,
      () => {},
    );

  it("takes a context that the kubeconfig lacks for the mistake that it is, as every other command does", async () => {
    const { results, unseen } = await meet(new OpsError("'kubeContext' (c) must be a context", exitCodes.usage));
    assert.equal(unseen, exitCodes.usage);
    const [finding] = results.find(({ id }) => id === "cluster")?.findings ?? [];
    assert.equal(finding?.evidence, "'kubeContext' (c) must be a context");
    assert.equal(finding?.mend, "pulumi config set kubeContext <context> --stack dev");
    assert.ok(!JSON.stringify(results).includes("does not answer"));
  });

  it("says of a cluster that is away that it does not answer", async () => {
    const { results, unseen } = await meet(new OpsError("connect ECONNREFUSED", exitCodes.unreachable));
    assert.equal(unseen, exitCodes.unreachable);
    assert.equal(results.find(({ id }) => id === "rights")?.skipped, "the cluster does not answer");
  });
});

describe("doctor --fix", () => {
  const finding = (mend: () => Promise<string>): CheckFinding => ({ severity: "error", evidence: "x", fix: mend });

  it("goes on after a mend that fails, and takes only what it has mended for mended", async () => {
    const broken = finding(() => Promise.reject(new ApiError(500, "etcd is away")));
    const good = finding(() => Promise.resolve("removed the lock"));
    const { mended, fixed, failed } = await fix([
      { title: "helper pods", findings: [broken] },
      { title: "stack lock", findings: [good, { severity: "note", evidence: "y" }] },
    ]);
    assert.deepEqual([...mended], [good]);
    assert.deepEqual(fixed, ["removed the lock"]);
    assert.deepEqual(failed, ["helper pods: could not be mended: etcd is away"]);
  });

  it("ends at Ctrl-C", async () => {
    const stopped = finding(() => Promise.reject(new Stopped("Stopped.", exitCodes.interrupted)));
    await assert.rejects(fix([{ title: "x", findings: [stopped] }]), Stopped);
  });

  it("is content when a leftover pod has gone meanwhile", async () => {
    const metadata = {
      name: "cuda-probe",
      uid: "1",
      labels: { [helperLabel]: "cuda-probe" },
      creationTimestamp: "2026-11-24T07:00:00Z",
    };
    const client: ClusterClient = {
      get: () => Promise.resolve({ body: { items: [{ metadata, spec: {}, status: { phase: "Succeeded" } }] } }),
      text: () => assert.fail("no log is asked for"),
      send: () => Promise.reject(new ApiError(404, "not found")),
    };
    const stack = { target: { namespace: "n" } };
    const findings = [await leftoverChecks[0]!.run({ client, stack } as unknown as Checked)].flat() as CheckFinding[];
    assert.deepEqual((await fix([{ title: "helper pods", findings }])).fixed, ["deleted pod cuda-probe"]);
  });
});
