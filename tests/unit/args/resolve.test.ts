import assert from "node:assert/strict";
import { defaults } from "../../../components/args/defaults";
import { loadSeconds, startupLimits } from "../../../components/args/limits";
import { names } from "../../../components/args/names";
import { resolveArgs } from "../../../components/args/resolve";

describe("resolveArgs", () => {
  it("derives every name from the component's", () => {
    assert.deepEqual(names("coder"), {
      deployment: "coder",
      service: "coder",
      route: "coder",
      serviceAccount: "coder-sa",
      sccGrant: "coder-anyuid",
      claim: "coder-models-cache",
      tokenSecret: "coder-hf-token",
      apiKeySecret: "coder-api-key",
      downloaderConfigMap: "coder-downloader",
      publishedConfigMap: "coder-published",
      chatTemplateConfigMap: "coder-chat-template",
    });
    const values = Object.values<string>({ ...names("a") });
    assert.ok(values.every((name) => name === "a" || name.startsWith("a-")));
  });

  it("serves the model under its id, then under an alias without a slash", () => {
    assert.deepEqual(resolveArgs("vllm", {}).servedModelNames, [
      "Qwen/Qwen2.5-7B-Instruct-AWQ",
      "Qwen2.5-7B-Instruct-AWQ",
    ]);
  });

  it("puts the model id first where aliases are given, and repeats none", () => {
    const { servedModelNames } = resolveArgs("vllm", { modelId: "a/b", servedModelNames: ["claude", "a/b", "claude"] });
    assert.deepEqual(servedModelNames, ["a/b", "claude"]);
  });

  it("keeps the figures of a probe that are not changed", () => {
    const { startupProbe } = resolveArgs("vllm", { startupProbe: { failureThreshold: 48 } });
    assert.deepEqual(startupProbe, { ...defaults.startupProbe, failureThreshold: 48 });
  });

  it("takes empty texts for unset", () => {
    const resolved = resolveArgs("vllm", { storageClassName: "", existingClaim: "", namespace: "" });
    assert.equal(resolved.storageClassName, undefined);
    assert.equal(resolved.claimName, "vllm-models-cache");
    assert.equal(resolved.namespace, "vllm-inference");
  });

  it("mounts the existing claim where there is one", () => {
    assert.equal(resolveArgs("vllm", { existingClaim: "models" }).claimName, "models");
  });

  it("accepts the taint of the GPUs' nodes, whoever made them, unless taints are named", () => {
    const keys = (args: Parameters<typeof resolveArgs>[1]): unknown[] =>
      resolveArgs("vllm", args).tolerations.map(({ key }) => key);
    assert.deepEqual(keys({ gpuResource: "nvidia.com/mig-3g.40gb" }), ["nvidia.com/gpu"]);
    // As Pulumi.yaml gives it.
    assert.deepEqual(keys({ gpuResource: "amd.com/gpu", tolerations: defaults.tolerations }), ["amd.com/gpu"]);
    assert.deepEqual(keys({ gpuResource: "amd.com/gpu", tolerations: [{ key: "own", operator: "Exists" }] }), ["own"]);
  });

  it("fetches the model's own code only where it is trusted", () => {
    assert.ok(!resolveArgs("vllm", {}).modelAllowPatterns.includes("*.py"));
    assert.ok(resolveArgs("vllm", { trustRemoteCode: "it was read" }).modelAllowPatterns.includes("*.py"));
  });

  it("changes no default", () => {
    const before = structuredClone(defaults);
    resolveArgs("vllm", { startupProbe: { periodSeconds: 1 }, servedModelNames: ["x"] });
    assert.deepEqual(defaults, before);
  });
});

describe("the limits of the start-up", () => {
  it("let a model load as long as the startup probe does, and a little longer until the kubelet has acted", () => {
    const resolved = resolveArgs("vllm", {});
    assert.equal(loadSeconds(resolved), 30 + 24 * 30 + 30 + 5 + 5 + 15);
    const slow = resolveArgs("vllm", { startupProbe: { failureThreshold: 48 } });
    assert.equal(loadSeconds(slow) - loadSeconds(resolved), 24 * 30);
  });

  it("are the configured ones otherwise", () => {
    const limits = startupLimits(resolveArgs("vllm", { downloadTimeoutSeconds: 7, imagePullTimeoutSeconds: 8 }));
    assert.deepEqual(
      { ...limits, loadSeconds: 0 },
      {
        scheduleSeconds: 600,
        replaceSeconds: 660,
        pullSeconds: 8,
        downloadSeconds: 7,
        routeSeconds: 60,
        unschedulableSeconds: 12,
        loadSeconds: 0,
      },
    );
  });
});
