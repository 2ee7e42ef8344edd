import assert from "node:assert/strict";
import type { ClusterClient } from "../../../components/clusterClient";
import { resolveArgs } from "../../../components/resolve";
import type { Checked, CheckFinding } from "../../../ops/checks/check";
import { deployedChecks } from "../../../ops/checks/deployed";
import { exitCodes } from "../../../ops/exit";
import { unreachable } from "../../../ops/stack";

describe("what doctor says to type", () => {
  async function findings(id: string, context: object): Promise<CheckFinding[]> {
    const check = deployedChecks.find((each) => each.id === id)!;
    return [await check.run(context as Checked)].flat() as CheckFinding[];
  }
  const stack = {
    name: "dev",
    project: "vllm-inference",
    args: resolveArgs("vllm", { modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ" }),
    target: { deployment: "vllm", namespace: "n" },
  };

  it("about two pods takes the replicas back: without a refresh `up` sees none of them", async () => {
    const pods = ["a", "b"].map((name) => ({ name, phase: "Running" }));
    const seen = { snapshot: { pods, missingRights: [], deployment: { replicas: 2 } } };
    const [finding] = await findings("pods", { stack, seen });
    assert.match(finding?.mend ?? "", /^pulumi up --refresh --stack dev {3}# or at once: kubectl scale/);
  });

  describe("about objects without an owner", () => {
    const client = { get: () => Promise.resolve({ body: { metadata: {} } }) } as unknown as ClusterClient;
    const mendOf = async (...resources: { urn: string }[]): Promise<string | undefined> => {
      const all = await findings("objects", { stack, client, state: { resources } });
      return all.find(({ evidence }) => /Deployment.*carries no owner/.test(evidence))?.mend;
    };

    it("is the import", async () => {
      assert.match((await mendOf()) ?? "", /^npm run ops -- import --stack dev /);
    });

    it("is `up` once they are imported", async () => {
      const urn = "urn:pulumi:dev::vllm-inference::kubernetes:apps/v1:Deployment::vllm-deployment";
      assert.match((await mendOf({ urn })) ?? "", /^pulumi up --stack dev /);
    });
  });

  it("about the embedded cluster that does not answer is how to start it", () => {
    const connection = { context: "local" };
    const gone = new Error("connect ECONNREFUSED 127.0.0.1:1");
    const { message, exitCode } = unreachable(gone, connection, true);
    assert.match(
      message,
      /ECONNREFUSED 127\.0\.0\.1:1\. Where the embedded cluster is stopped, `npm run local` starts/,
    );
    assert.equal(exitCode, exitCodes.unreachable);
    assert.match(unreachable(gone, connection, false).message, /ECONNREFUSED 127\.0\.0\.1:1\.$/);
  });
});
