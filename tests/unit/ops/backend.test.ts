import assert from "node:assert/strict";
import { parseLocks } from "../../../ops/stack/bucketLocks";
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
    const answer = await pending({ stack, state, probe: false });
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

describe("the locks that pulumi tells of", () => {
  const held =
    "error: could not create stack: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
    "  s3://states/.pulumi/locks/organization/vllm-inference/dev/1.json?region=eu: created by ops@laptop (pid 42) at 2026-11-24T10:00:00Z\n" +
    "  s3://states/.pulumi/locks/organization/vllm-inference/dev/2.json?region=eu: created by a@b@runner-1 (pid 7) at 2026-11-24T11:00:00+01:00\n";

  it("are each with whoever holds it", () => {
    assert.deepEqual(
      parseLocks(held)?.map(({ username, hostname, pid, timestamp }) => [username, hostname, pid, timestamp]),
      [
        ["ops", "laptop", 42, "2026-11-24T10:00:00Z"],
        ["a@b", "runner-1", 7, "2026-11-24T11:00:00+01:00"],
      ],
    );
  });

  it("are none where it says that the stack exists", () => {
    assert.deepEqual(parseLocks("error: stack 'organization/vllm-inference/dev' already exists"), []);
  });

  it("are unknown where it says anything else", () => {
    assert.equal(parseLocks("error: could not list bucket: AccessDenied"), undefined);
  });
});
