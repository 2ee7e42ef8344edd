import assert from "node:assert/strict";
import {
  type Options,
  type Run,
  canary,
  named,
  objects,
  only,
  project,
  runProgram,
  stackConfig,
  withKeys,
} from "./program";

const componentType = "vllm-inference:index:VllmInference";

function run(keys: Record<string, string> = {}, options: Partial<Options> = {}): Promise<Run> {
  return runProgram({ config: withKeys(stackConfig("dev"), { hfToken: canary, ...keys }), ...options });
}

function template(from: Run, name = "vllm-deployment"): { annotations: Record<string, string> } {
  const { spec } = named(from, name).inputs as {
    spec: { template: { metadata: { annotations: Record<string, string> } } };
  };
  return spec.template.metadata;
}

describe("the program under mocks", function () {
  let plain: Run;
  before(async () => {
    plain = await run();
  });

  it("makes exactly these objects", () => {
    assert.deepEqual(plain.resources.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).toSorted(), [
      "ConfigMap vllm-downloader",
      "ConfigMap vllm-published",
      "Deployment vllm-deployment",
      "Namespace vllm-namespace",
      "PersistentVolumeClaim vllm-claim",
      "RandomPassword vllm-api-key",
      "Role vllm-scc-role",
      "RoleBinding vllm-scc-role-binding",
      "Route vllm-route",
      "Secret vllm-api-key",
      "Secret vllm-hf-token",
      "Service vllm-service",
      "ServiceAccount vllm-service-account",
      "VllmInference vllm",
      "kubernetes cluster",
    ]);
  });

  it("exports the promised outputs, by themselves and by the model's name, the API key as a secret", () => {
    const facts = {
      routeUrl: "https://generated.apps.example.com",
      routeHost: "generated.apps.example.com",
      internalUrl: "http://vllm.vllm-inference.svc:8000",
      namespace: "vllm-inference",
      modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
      servedModelNames: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B-Instruct-AWQ"],
      maxModelLen: 32768,
      toolCallParser: "hermes",
      imageLine: "3.3",
      apiKeySecretName: "vllm-api-key",
    };
    assert.deepEqual(plain.outputs, {
      ...facts,
      // Which the engine leaves out.
      apiKey: { secret: "generated-api-key" },
      models: { vllm: facts },
      apiKeys: { secret: { vllm: "generated-api-key" } },
    });
  });

  it("makes every child by the stack's own provider, under the component", () => {
    for (const { name, parent, provider } of objects(plain)) {
      assert.equal(parent, "vllm", name);
      assert.equal(provider, "cluster", name);
    }
  });

  it("gives the provider the configured cluster and nothing ambient", () => {
    const { inputs } = only(plain, "pulumi:providers:kubernetes");
    assert.deepEqual(inputs, {
      context: "openshift-dev",
      clusterIdentifier: "openshift-dev",
      enableSecretMutable: "true",
      enableConfigMapMutable: "true",
      upsertExistingObjects: "true",
    });
  });

  it("marks every object as this stack's and takes foreign changes back", () => {
    for (const { name, inputs } of objects(plain)) {
      const { annotations, labels } = inputs["metadata"] as Record<"annotations" | "labels", Record<string, string>>;
      assert.equal(annotations["vllm-inference/stack"], "organization/vllm-inference/test", name);
      assert.equal(annotations["vllm-inference/component"], `${componentType}::vllm`, name);
      assert.equal(annotations["pulumi.com/patchForce"], "true", name);
      assert.equal(labels["app.kubernetes.io/managed-by"], "pulumi", name);
    }
  });

  it("asks before every creation whose the object is, before every update who has changed it, and nothing at deletion", () => {
    for (const { name, hooks } of objects(plain)) {
      assert.equal(hooks.beforeCreate[0], "vllm-ownership", name);
      assert.equal(hooks.beforeUpdate[0], "vllm-drift", name);
      assert.deepEqual(hooks.others, [], name);
    }
  });

  it("rolls the pod when the template in its ConfigMap changes", async () => {
    const one = await run({ chatTemplate: "{{ a }}" });
    const other = await run({ chatTemplate: "{{ b }}" });
    const { data } = named(one, "vllm-chat-template").inputs as { data: Record<string, string> };
    assert.deepEqual(data, { "chat-template.jinja": "{{ a }}" });
    const checksum = "vllm-inference/chat-template-checksum";
    assert.notEqual(template(one).annotations[checksum], template(other).annotations[checksum]);
    assert.ok(!(checksum in template(plain).annotations));
  });

  it("tells the names of adapters, where there are any", async () => {
    const { outputs } = await run({ loraAdapters: JSON.stringify([{ name: "sql", modelId: "me/sql" }]) });
    assert.deepEqual(outputs["loraAdapters"], ["sql"]);
  });

  it("waits for readiness before the published ConfigMap, on creation and on update, and nowhere else", () => {
    const published = named(plain, "vllm-published");
    assert.deepEqual(published.hooks.beforeCreate, ["vllm-ownership", "vllm-readiness"]);
    assert.deepEqual(published.hooks.beforeUpdate, ["vllm-drift", "vllm-readiness"]);
    const others = objects(plain).filter((each) => each !== published);
    assert.ok(others.every(({ hooks }) => !JSON.stringify(hooks).includes("readiness")));
  });

  it("publishes what the live Deployment says of itself, after Deployment, Service, claim and Route", () => {
    const published = named(plain, "vllm-published");
    assert.deepEqual(published.inputs["data"], {
      url: "https://generated.apps.example.com",
      internalUrl: "http://vllm.vllm-inference.svc:8000",
      servedModelNames: "Qwen/Qwen2.5-7B-Instruct-AWQ,Qwen2.5-7B-Instruct-AWQ",
      deploymentUid: "uid-of-vllm-deployment",
      deploymentGeneration: "3",
      routeUid: "uid-of-vllm-route",
    });
    assert.deepEqual(published.dependsOn.toSorted(), ["vllm-claim", "vllm-deployment", "vllm-route", "vllm-service"]);
  });

  it("makes the Deployment after all that its pod needs", () => {
    assert.deepEqual(named(plain, "vllm-deployment").dependsOn.toSorted(), [
      "vllm-api-key",
      "vllm-api-key",
      "vllm-claim",
      "vllm-downloader",
      "vllm-hf-token",
      "vllm-scc-role-binding",
      "vllm-service-account",
    ]);
  });

  it("lets the provider wait only briefly, since nothing ends its waits when the gate gives up", () => {
    assert.deepEqual(named(plain, "vllm-deployment").timeouts, { create: "1m", update: "1m", delete: "360s" });
    assert.deepEqual(named(plain, "vllm-route").timeouts, { create: "15s", update: "15s", delete: "" });
  });

  it("shows the token to nothing but its Secret, and there as a secret", () => {
    const encoded = Buffer.from(canary).toString("base64");
    const holders = plain.resources.filter(({ inputs }) =>
      [canary, encoded].some((text) => JSON.stringify(inputs).includes(text)),
    );
    assert.deepEqual(
      holders.map(({ type, name }) => `${type} ${name}`),
      ["kubernetes:core/v1:Secret vllm-hf-token"],
    );
    const secretMark = "4dabf18193072939515e22adb298388d";
    assert.ok(secretMark in (holders[0]!.inputs["data"] as object));
  });

  it("hides no diff: only the Secrets have secret inputs", () => {
    const withSecrets = objects(plain).filter(({ inputs }) =>
      JSON.stringify(inputs).includes("4dabf18193072939515e22adb298388d"),
    );
    assert.deepEqual(withSecrets.map(({ name }) => name).toSorted(), ["vllm-api-key", "vllm-hf-token"]);
  });

  it("rolls the pod when the token changes, by one annotation and nothing else", async () => {
    const other = await run({ hfToken: "hf_anotherToken" });
    const before = template(plain).annotations;
    const after = template(other).annotations;
    assert.notEqual(before["vllm-inference/token-checksum"], after["vllm-inference/token-checksum"]);
    assert.deepEqual(
      { ...after, "vllm-inference/token-checksum": "" },
      { ...before, "vllm-inference/token-checksum": "" },
    );
  });

  it("makes a new API key when the rotation number changes", async () => {
    const keepers = (from: Run): unknown => only(from, "random:index/randomPassword:RandomPassword").inputs["keepers"];
    assert.deepEqual(keepers(plain), { rotation: "1" });
    assert.deepEqual(keepers(await run({ apiKeyRotation: "2" })), { rotation: "2" });
  });

  it("protects the claim and its namespace together, or neither", async () => {
    const guarded = (from: Run): string[] => from.resources.filter(({ protect }) => protect).map(({ name }) => name);
    assert.deepEqual(guarded(plain), []);
    assert.deepEqual(guarded(await run({ protectClaim: "true" })).toSorted(), ["vllm-claim", "vllm-namespace"]);
  });

  it("makes neither namespace nor grant for people who may not", async () => {
    const { resources } = await run({ createNamespace: "false", grantScc: "false" });
    const kinds = resources.map(({ type }) => type.split(":").at(-1));
    for (const kind of ["Namespace", "Role", "RoleBinding"]) assert.ok(!kinds.includes(kind), kind);
  });

  it("says what to do about what the cluster refuses", () => {
    const helped = objects(plain)
      .filter(({ hooks }) => hooks.onError.includes("vllm-remedy"))
      .map(({ name }) => name);
    for (const name of ["vllm-namespace", "vllm-scc-role", "vllm-scc-role-binding", "vllm-claim", "vllm-route"]) {
      assert.ok(helped.includes(name), name);
    }
  });

  it("has no Route, API key or claim where they are switched off", async () => {
    const off = await run({
      routeEnabled: "false",
      apiKeyEnabled: "false",
      existingClaim: "models",
      createNamespace: "false",
    });
    const names = off.resources.map(({ name }) => name);
    for (const name of ["vllm-route", "vllm-api-key", "vllm-claim"]) assert.ok(!names.includes(name), name);
    const { routeUrl, routeHost, apiKey, apiKeySecretName, internalUrl } = off.outputs;
    assert.deepEqual([routeUrl, routeHost, apiKey, apiKeySecretName], [undefined, undefined, undefined, undefined]);
    const { data } = named(off, "vllm-published").inputs as { data: { url: string } };
    assert.equal(data.url, internalUrl);
    assert.deepEqual(named(off, "vllm-published").dependsOn, ["vllm-deployment", "vllm-service"]);
  });

  it("registers nothing when the configuration has mistakes, and says all of them", async () => {
    const seen: Run = { resources: [], hooks: [], outputs: {} };
    const config = withKeys(stackConfig("prod"), { pvcSize: "30 gigs", hfTokn: canary });
    await assert.rejects(runProgram({ stack: "prod", config, secretKeys: [] }, undefined, seen), (error: Error) => {
      assert.ok("__pulumiRunError" in error, "an error without a stack");
      assert.match(error.message, /^4 mistakes in the configuration of stack 'prod':\n/);
      for (const key of ["hfTokn", "image", "hfToken", "pvcSize"])
        assert.match(error.message, new RegExp(`  - '${key}'`));
      assert.ok(!error.message.includes(canary));
      return true;
    });
    assert.deepEqual(seen.resources, []);
  });

  it("refuses prod without an image digest in one sentence", async () => {
    const config = withKeys(stackConfig("prod"), { hfToken: canary });
    await assert.rejects(runProgram({ stack: "prod", config }), {
      message:
        "1 mistake in the configuration of stack 'prod':\n  - 'image' (registry.redhat.io/rhaiis/vllm-cuda-rhel9:3) must name a " +
        "digest while 'requireImageDigest' is true, because a tag can move; set it to registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:<digest>.",
    });
  });

  it("uses the project's namespace of the configuration alone", async () => {
    const config = { ...withKeys(stackConfig("dev"), { hfToken: canary }), "other:key": "1", "pulumi:tags": "{}" };
    const { resources } = await runProgram({ config, secretKeys: [`${project}:hfToken`] });
    assert.equal(resources.length, plain.resources.length);
  });
});
