import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  aliasesOf,
  expectedObjects,
  flag,
  imageStandIn,
  plainConfig,
  referencesIn,
  withContexts,
  withModels,
} from "../../../ci/throwAway";

const project = "vllm-inference";
const projectFile = `config:
  image: { type: string, default: "registry.example:5000/vllm:3" }
  requireImageDigest: { type: boolean, default: false }`;

describe("a stack's file for a throw-away stack", () => {
  it("keeps no salt, no encrypted value at any depth and no kubeconfig of its owner", () => {
    const file = `
encryptionsalt: v1:somebody's
secretsprovider: awskms://key
config:
  vllm-inference:hfToken: { secure: v1:abc }
  vllm-inference:kubeconfig: /home/somebody/.kube/config
  vllm-inference:nested: { kept: 1, hidden: { secure: v1:def }, list: [a, { secure: v1:ghi }] }
  vllm-inference:pvcSize: 40Gi`;
    assert.deepEqual(plainConfig(file, project, "/tmp/kubeconfig"), {
      "vllm-inference:kubeconfig": "/tmp/kubeconfig",
      "vllm-inference:nested": { kept: 1, list: ["a"] },
      "vllm-inference:pvcSize": "40Gi",
    });
  });

  it("is an empty configuration when the file is empty", () => {
    for (const file of ["", "config:"])
      assert.deepEqual(plainConfig(file, project, "/k"), { "vllm-inference:kubeconfig": "/k" });
  });

  it("is refused where it is no configuration", () => {
    assert.throws(() => plainConfig("text", project, "/k"), /^UserError: what it holds must be keys and their values$/);
    assert.throws(() => plainConfig("config: [a]", project, "/k"), /^UserError: 'config' must be keys/);
  });

  it("says true and false as texts, too: `pulumi config set` writes them so", () => {
    const of = (value: unknown): unknown => flag({ "p:key": value }, "p", "key");
    assert.deepEqual([true, "true", false, "false"].map(of), [true, true, false, false]);
    assert.deepEqual([undefined, "", "yes", 1].map(of), [undefined, undefined, undefined, undefined]);
  });
});

describe("the stand-in for an image", () => {
  const wanted = { "vllm-inference:requireImageDigest": true };

  it("is the image with a digest that cannot exist", () => {
    assert.equal(imageStandIn(wanted, project, projectFile), `registry.example:5000/vllm:3@sha256:${"0".repeat(64)}`);
  });

  it("is wanted by the text that `pulumi config set` writes, too", () => {
    assert.ok(imageStandIn({ "vllm-inference:requireImageDigest": "true" }, project, projectFile));
  });

  it("is not needed where the file names a digest, or none is asked for", () => {
    const digest = { "vllm-inference:image": `r.example/v@sha256:${"1".repeat(64)}` };
    assert.equal(imageStandIn({ ...wanted, ...digest }, project, projectFile), undefined);
    assert.equal(imageStandIn({}, project, projectFile), undefined);
  });
});

describe("the embedded cluster's kubeconfig", () => {
  it("answers to the names that stacks give their clusters, too", () => {
    const own = "contexts: [{ name: local, context: { cluster: c, user: u } }]";
    const { contexts } = parse(withContexts(own, ["openshift-dev", "openshift-dev", "local", undefined, ""])) as {
      contexts: unknown[];
    };
    assert.deepEqual(contexts, [
      { name: "local", context: { cluster: "c", user: "u" } },
      { name: "openshift-dev", context: { cluster: "c", user: "u" } },
    ]);
  });
});

describe("what a stack takes for granted of its cluster", () => {
  const kinds = (config: object): string[] =>
    expectedObjects(
      Object.fromEntries(Object.entries(config).map(([key, value]) => [`vllm-inference:${key}`, value])),
      project,
    )
      .objects.map((object) => object as { kind: string; metadata: { name: string } })
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);

  it("is nothing for a stack that makes everything itself", () => {
    assert.deepEqual(kinds({}), []);
  });

  it("is made: classes, and in a namespace of somebody else's what lies there", () => {
    assert.deepEqual(
      kinds({
        storageClassName: "gp3",
        runtimeClassName: "nvidia",
        createNamespace: false,
        namespace: "team",
        imagePullSecret: "pull",
        trustedCaConfigMap: "ca",
        existingClaim: "models",
      }),
      [
        "StorageClass gp3",
        "RuntimeClass nvidia",
        "Namespace team",
        "Secret pull",
        "ConfigMap ca",
        "PersistentVolumeClaim models",
      ],
    );
  });

  it("includes a namespace that the CLI's text says it does not make", () => {
    assert.deepEqual(kinds({ createNamespace: "false", namespace: "team" }), ["Namespace team"]);
  });

  it("is what any of several models takes for granted, once", () => {
    const models = { a: { runtimeClassName: "nvidia" }, b: { runtimeClassName: "nvidia", storageClassName: "gp3" } };
    assert.deepEqual(kinds({ models }), ["RuntimeClass nvidia", "StorageClass gp3"]);
    assert.deepEqual(kinds({ models: JSON.stringify(models) }), ["RuntimeClass nvidia", "StorageClass gp3"]);
  });

  it("includes the labels by which it chooses its nodes", () => {
    const selector = { "vllm-inference:nodeSelector": { "nvidia.com/gpu.product": "NVIDIA-L4" } };
    assert.deepEqual(expectedObjects(selector, project).nodeLabels, { "nvidia.com/gpu.product": "NVIDIA-L4" });
    const asText = { "vllm-inference:nodeSelector": '{"gpu":"l4"}' };
    assert.deepEqual(expectedObjects(asText, project).nodeLabels, { gpu: "l4" });
  });
});

describe("a gateway's models on the throw-away backend", () => {
  const config = {
    "vllm-gateway:models": [{ stack: "acme/vllm-inference/dev", gateUrl: "https://own.example" }, { stack: 7 }, "text"],
  };

  it("are of the one organization that it knows, and otherwise as they were, mistakes included", () => {
    assert.deepEqual(withModels(config, "vllm-gateway"), {
      "vllm-gateway:models": [
        { stack: "organization/vllm-inference/dev", gateUrl: "https://own.example" },
        { stack: 7 },
        "text",
      ],
    });
    assert.deepEqual(withModels({ "vllm-gateway:models": "text" }, "vllm-gateway"), { "vllm-gateway:models": "text" });
  });

  it("are asked at the simulated model where there is one", () => {
    const gated = withModels(config, "vllm-gateway", "http://127.0.0.1:1")["vllm-gateway:models"] as object[];
    assert.deepEqual(gated[0], { stack: "organization/vllm-inference/dev", gateUrl: "http://127.0.0.1:1" });
  });

  it("are told by name", () => {
    assert.deepEqual(referencesIn(config, "vllm-gateway"), ["acme/vllm-inference/dev"]);
    assert.deepEqual(referencesIn({}, "vllm-gateway"), []);
    assert.deepEqual(referencesIn({ "vllm-gateway:models": '[{"stack":"a/b/c"}]' }, "vllm-gateway"), ["a/b/c"]);
  });

  it("are reached by the names that the file gives them: their own, else those of all", () => {
    const models = [{ stack: "o/p/own", aliases: ["big"] }, { stack: "o/p/other" }];
    const named = { "vllm-gateway:models": models, "vllm-gateway:aliases": ["all"] };
    const of = (stack: string): string[] => aliasesOf(named, "vllm-gateway", stack);
    assert.deepEqual([of("o/p/own"), of("o/p/other"), of("o/p/none")], [["big"], ["all"], []]);
    assert.deepEqual(aliasesOf({ "vllm-gateway:models": models }, "vllm-gateway", "o/p/other"), []);
  });
});
