import assert from "node:assert/strict";
import { earlierThan, type Update } from "../../../ops/rollback/history";
import { setBack } from "../../../ops/rollback/stackFile";

const project = "vllm-inference";
let version = 100;

/** An update as `pulumi stack history --json` of the CLI 3.259.0 shows it, the newest first. */
function update(keys: Record<string, unknown>, more: Partial<Update> = {}): Update {
  const all = { kubeContext: "openshift", ...keys };
  const config = Object.entries(all).map(([key, value]): [string, Update["config"][string]] => {
    const isText = typeof value === "string";
    const shown = isText ? { value } : { value: JSON.stringify(value), objectValue: value };
    return [`${project}:${key}`, { ...shown, secret: false }];
  });
  const hfToken = { [`${project}:hfToken`]: { secret: true } };
  const ended = { kind: "update", result: "succeeded", endTime: "2026-11-30T10:00:00.000Z" };
  return { version: version--, ...ended, config: { ...Object.fromEntries(config), ...hfToken }, ...more };
}

describe("what a model would be set back to", () => {
  const now = { image: "registry/vllm:2.0.0", maxModelLen: 16_384 };
  const of = (updates: Update[], model = "vllm"): string[] | undefined =>
    earlierThan(now, updates, { project, model })?.differences.map(
      ({ key, now: is, then }) => `${key} ${String(is)} ${String(then)}`,
    );

  it("is the last update that succeeded with another image, model or argument", () => {
    const same = update({ image: "registry/vllm:2.0.0", maxModelLen: "16384" });
    const older = update({ image: "registry/vllm:1.0.0" });
    assert.deepEqual(of([same, update({ image: "registry/vllm:1.5.0" }), older]), [
      "image registry/vllm:2.0.0 registry/vllm:1.5.0",
      "maxModelLen 16384 32768",
    ]);
  });

  it("is none that failed, destroyed, previewed or was another model's", () => {
    const other = { image: "registry/vllm:1.0.0" };
    assert.equal(of([]), undefined);
    assert.equal(of([update(other, { result: "failed" }), update(other, { kind: "destroy" })]), undefined);
    assert.equal(of([update({ models: { coder: other } })]), undefined);
    assert.equal(of([update({ ...other, noSuchKey: "any more" })]), undefined);
  });

  it("is nothing but the server: neither namespace nor claim nor the token goes back", () => {
    const unset = { modelFigures: {}, servedModelNames: [], modelRevision: "" };
    const moved = { image: now.image, maxModelLen: "16384", namespace: "another", pvcSize: "99Gi", ...unset };
    assert.equal(of([update(moved)]), undefined);
  });

  const arguments_: Record<string, unknown> = {
    reasoningParser: "qwen3",
    kvCacheDtype: "fp8",
    maxNumBatchedTokens: "8192",
    chatTemplate: "{{ messages }}",
    trustRemoteCode: "its attention is not in vLLM",
    loraAdapters: [{ name: "sql", modelId: "owner/sql" }],
    extraArgs: ["--seed", "7"],
    env: { VLLM_LOGGING_LEVEL: "DEBUG" },
    gpuResource: "nvidia.com/mig-3g.40gb",
  };
  for (const [key, value] of Object.entries(arguments_)) {
    it(`is also \`${key}\`, which the server is started with`, () => {
      const image = "registry.example.com/vllm:2.0.0";
      const revision = key === "trustRemoteCode" ? { modelRevision: "a".repeat(40) } : {};
      const old = update({ image, ...revision, [key]: value });
      const found = earlierThan({ image, ...revision }, [old], { project, model: "vllm" });
      assert.deepEqual(
        found?.differences.map((each) => each.key),
        [key],
      );
    });
  }

  it("is that of one of several models", () => {
    const models = { vllm: { image: "registry/vllm:1.0.0", maxModelLen: 16_384 }, coder: { maxModelLen: 1024 } };
    assert.deepEqual(of([update({ models })]), ["image registry/vllm:2.0.0 registry/vllm:1.0.0"]);
  });
});

describe("a stack's file with settings set back", () => {
  const flat = `# dev\nconfig:\n  ${project}:image: b # why\n  ${project}:maxModelLen: "16384"\n`;

  it("keeps its comments, and leaves out what the default says", () => {
    const text = setBack(flat, project, "vllm", [
      { key: "image", now: "b", then: "a" },
      { key: "maxModelLen", now: 16_384, then: 32_768 },
    ]);
    assert.equal(text, `# dev\nconfig:\n  ${project}:image: a # why\n`);
  });

  it("leaves the other models as they are, and what stands beside the map", () => {
    const several = `config:\n  ${project}:maxModelLen: 1024\n  ${project}:models:\n    vllm: {}\n    coder:\n      image: b\n`;
    const text = setBack(several, project, "coder", [
      { key: "image", now: "b", then: "a" },
      { key: "maxModelLen", now: 1024, then: 32_768 },
    ]);
    assert.equal(
      text,
      `config:\n  ${project}:maxModelLen: 1024\n  ${project}:models:\n    vllm: {}\n    coder:\n      image: a\n      maxModelLen: 32768\n`,
    );
    const again = setBack(text, project, "coder", [{ key: "maxModelLen", now: 32_768, then: 1024 }]);
    assert.ok(!again.includes("      maxModelLen"), again);
  });

  it("reads a map that `pulumi config set` has written as text", () => {
    const asText = `config:\n  ${project}:models: '{"coder":{"image":"b"}}'\n`;
    const text = setBack(asText, project, "coder", [{ key: "image", now: "b", then: "a" }]);
    assert.match(text, /coder: \{ ?image: a ?\}|coder:\n\s+image: a/);
  });
});
