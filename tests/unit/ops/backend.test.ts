import assert from "node:assert/strict";
import { pending } from "../../../ops/checks/backend";

describe("unfinished operations in a backend without a folder", () => {
  const state = { outputs: {}, resources: [], pending: ["updating vllm-deployment"] };

  async function found(url: string, more: object): Promise<object> {
    const stack = {
      name: "dev",
      project: "vllm-inference",
      directory: "/nowhere",
      environment: () => Promise.resolve({ PULUMI_BACKEND_URL: url }),
      pulumi: (...args: string[]) => {
        assert.deepEqual(args, ["stack", "ls", "--json"]);
        return Promise.resolve(JSON.stringify([{ name: "dev", ...more }]));
      },
    };
    const answer = await pending({ stack, state });
    assert.ok("severity" in answer);
    return { severity: answer.severity, evidence: answer.evidence, fixes: answer.fix !== undefined };
  }

  it("are a service's update in progress", async () => {
    assert.deepEqual(await found("https://api.pulumi.com", { updateInProgress: true }), {
      severity: "note",
      evidence: "an `up` is at work (https://api.pulumi.com says): updating vllm-deployment",
      fixes: false,
    });
  });

  it("are what a killed up left, where the service knows of no update", async () => {
    assert.deepEqual(await found("https://api.pulumi.com", { updateInProgress: false }), {
      severity: "error",
      evidence: "a killed `up` left: updating vllm-deployment",
      fixes: true,
    });
  });

  it("are told without the password of a database's URL", async () => {
    const url = "postgres://pulumi:S3CRET@db.example/state?password=S3CRET";
    const { evidence } = (await found(url, { updateInProgress: true })) as { evidence: string };
    assert.equal(evidence, "an `up` is at work (postgres://db.example/state says): updating vllm-deployment");
  });

  it("may be either in a bucket, so that nothing is mended unasked", async () => {
    assert.deepEqual(await found("s3://states", {}), {
      severity: "warning",
      evidence: "an `up` is at work, or was killed: updating vllm-deployment",
      fixes: false,
    });
  });
});
