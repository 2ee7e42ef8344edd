import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createProvider, SharedNamespace, VllmInference } from "../../components";
import { type Run, named, runProgram } from "./program";

const args = { namespace: "inference", hfTokenSecret: "hf-token" };
const connection = { context: "here" };

function run(program: () => void): Promise<Run> {
  return runProgram({ config: {} }, () => {
    program();
    return {};
  });
}

describe("the provider of a component", () => {
  it("is the one that `cluster` is", async () => {
    const made = await run(
      () => void new VllmInference("vllm", { ...args, cluster: createProvider("own", connection) }),
    );
    assert.equal(named(made, "vllm-deployment").provider, "own");
    assert.deepEqual(named(made, "vllm-service-account").hooks.others, []);
  });

  it("is that of the options, or of what the component lies in, which says its cluster itself", async () => {
    const made = await run(() => {
      const provider = createProvider("own", connection);
      new VllmInference("one", args, { provider });
      const parent = new pulumi.ComponentResource(
        "test:index:Parent",
        "parent",
        {},
        { providers: { kubernetes: provider } },
      );
      const shared = { namespace: "shared" };
      new SharedNamespace("other", shared, { parent });
      new VllmInference("other", { ...args, ...shared, createNamespace: false }, { parent });
    });
    const providers = ["one-deployment", "other-deployment", "other-namespace"].map(
      (name) => named(made, name).provider,
    );
    assert.deepEqual(providers, ["own", "own", "own"]);
  });

  it("is made where `cluster` is a connection and nobody has one", async () => {
    const made = await run(() => void new VllmInference("vllm", { ...args, cluster: connection }));
    assert.equal(named(made, "vllm-deployment").provider, "vllm-cluster");
    assert.equal(named(made, "vllm-cluster").inputs["context"], "here");
  });

  it("may be anybody's beside a connection, and is then compared with it by what it makes first", async () => {
    const made = await run(() => {
      const provider = new k8s.Provider("theirs", { context: "here" });
      new VllmInference("vllm", { ...args, cluster: connection }, { provider });
    });
    assert.equal(named(made, "vllm-deployment").provider, "theirs");
    for (const name of ["vllm-namespace", "vllm-service-account"])
      assert.deepEqual(named(made, name).hooks.others, ["vllm-same-cluster"]);
    assert.deepEqual(named(made, "vllm-deployment").hooks.others, []);
  });

  for (const namespace of ["", "Not Valid"]) {
    it(`makes no shared namespace that no namespace can be called: '${namespace}'`, async () => {
      const program = (): void =>
        void new SharedNamespace("shared", { namespace, cluster: createProvider("own", connection) });
      await assert.rejects(run(program), /'namespace' \(.*\) must be a DNS label/);
    });
  }

  const refused: [string, () => void, RegExp][] = [
    ["nobody's", () => void new VllmInference("vllm", args), /'cluster' must be set, because/],
    [
      "another than `cluster` is",
      () => {
        const provider = createProvider("there", { context: "there" });
        new VllmInference("vllm", { ...args, cluster: createProvider("own", connection) }, { provider });
      },
      /'cluster' must be the provider of the options; name the provider in one of the two, or the same in both/,
    ],
    [
      "one of another context than `cluster` says",
      () => {
        const provider = createProvider("there", { context: "there" });
        new VllmInference("vllm", { ...args, cluster: connection }, { provider });
      },
      /'cluster' must be what the provider of the options reaches \(context 'there'\)/,
    ],
    [
      "anybody's without a connection",
      () => void new VllmInference("vllm", args, { provider: new k8s.Provider("theirs", {}) }),
      /'cluster' must be set, because what waits for the model reads the cluster too/,
    ],
    [
      "of a connection that is none",
      () => void new VllmInference("vllm", { ...args, cluster: { context: "" } }),
      /'cluster' must have a context that is a text/,
    ],
    [
      "of a kubeconfig that counts from a folder: a package's is another than its program's",
      () => void new VllmInference("vllm", { ...args, cluster: { context: "here", kubeconfig: "kube/config" } }),
      /'cluster' must have a kubeconfig whose path is absolute, because what opens it may run in another folder than the program; give the whole path/,
    ],
  ];
  for (const [whose, program, message] of refused) {
    it(`is refused where it is ${whose}`, async () => {
      await assert.rejects(run(program), message);
    });
  }
});
