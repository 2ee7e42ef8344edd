import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Holder, holdingsOf, quarrels } from "../../../components/hooks/holdings";
import type { PlainArgs } from "../../../components/args/content";
import { resolveArgs } from "../../../components/args/resolve";

const connection = { context: "dev" };

function model(name: string, args: Omit<PlainArgs, "cluster"> = {}, more: Partial<Holder> = {}): Holder {
  const resolved = resolveArgs(name, { namespace: "team-d", ...args });
  return { type: "VllmInference", name, parent: undefined, connection, holdings: holdingsOf(resolved), ...more };
}

const shared: Holder = {
  ...model("space"),
  type: "SharedNamespace",
  holdings: [{ kind: "Namespace", name: "team-d", how: "shares" }],
};
const within = { createNamespace: false };
const kept = { keepNamespace: true };

/** Whoever comes first in the program: nothing may hang on it. */
function both(one: Holder, other: Holder): string[] {
  const [found, turned] = [quarrels(one, other), quarrels(other, one)];
  assert.equal(found.length, turned.length);
  return found;
}

describe("two components of one program", () => {
  it("cannot make the same namespace, which taking one away would delete with the other in it", () => {
    assert.deepEqual(both(model("vllm"), model("second")), [
      "Namespace 'team-d' would be made by two components of this program, 'vllm' and 'second': taking one of them away would delete it under " +
        'the other. Make it once, beside them: `new SharedNamespace("vllm", { cluster, namespace: "team-d" })`, with `createNamespace: false` in ' +
        "'vllm' and 'second'. Where an `up` has made it twice already, first set `keepNamespace: true` in both for one `up`, which is allowed too: " +
        "nobody deletes it then.",
    ]);
  });

  it("cannot lie in a namespace that one of them makes", () => {
    const [sentence, ...others] = both(model("vllm"), model("coder", within));
    assert.match(sentence ?? "", /^Namespace 'team-d' would be made by 'vllm', and 'coder' relies on it: /);
    assert.deepEqual(others, []);
  });

  it("can where nothing deletes it: kept, protected, made beside them, or made by nobody here", () => {
    assert.deepEqual(both(model("vllm", kept), model("second", kept)), []);
    assert.deepEqual(both(model("vllm", kept), model("coder", within)), []);
    assert.deepEqual(both(model("vllm", { protectClaim: true }), model("coder", within)), []);
    assert.deepEqual(both(shared, model("coder", within)), []);
    assert.deepEqual(both(model("vllm", within), model("coder", within)), []);
  });

  it("cannot make what a SharedNamespace makes", () => {
    assert.match(both(shared, model("vllm"))[0] ?? "", /Set `createNamespace` to false in every other/);
  });

  it("of one name, in two places of the program, cannot lie in one namespace", () => {
    const parent = { moved: true } as unknown as Holder["parent"];
    const [sentence] = both(model("vllm", within), model("vllm", within, { parent }));
    assert.match(sentence ?? "", /^Deployment 'vllm' in namespace 'team-d' would be made by two components/);
  });

  it("cannot mount the claim of each other, unless it is protected", () => {
    const other = model("coder", { ...within, existingClaim: "vllm-models-cache" });
    assert.deepEqual(both(model("vllm", within), other), [
      "PersistentVolumeClaim 'vllm-models-cache' in namespace 'team-d' would be made by 'vllm', and 'coder' relies on it: taking one of them away " +
        "would delete it under the other. Make the claim beside them and name it in `existingClaim` of both, or set `protectClaim` to true in 'vllm'.",
    ]);
    assert.deepEqual(both(model("vllm", { ...within, protectClaim: true }), other), []);
  });

  it("quarrel over one cluster by whatever kubeconfig and context they reach it", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "holdings-"));
    const by = (name: string, cluster: object): Partial<Holder> => {
      const kubeconfig = path.join(folder, name);
      const contexts = [{ name, context: { cluster: "c", user: "u" } }];
      writeFileSync(kubeconfig, JSON.stringify({ contexts, clusters: [{ name: "c", cluster }] }));
      return { connection: { context: name, kubeconfig } };
    };
    try {
      const one = model("vllm", {}, by("admin", { server: "https://api.one.example.com:6443" }));
      const found = (name: string, cluster: object): number => both(one, model("second", {}, by(name, cluster))).length;
      assert.equal(found("me", { server: "https://API.one.example.com:6443/" }), 1);
      assert.equal(found("other", { server: "https://api.two.example.com:6443" }), 0);
      assert.equal(found("behind", { server: "https://api.one.example.com:6443", "proxy-url": "http://elsewhere" }), 0);
      assert.equal(found("nowhere", {}), 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are free on two clusters, in two namespaces, or where they are one and the same to the engine", () => {
    assert.deepEqual(both(model("vllm"), model("second", {}, { connection: { context: "prod" } })), []);
    assert.deepEqual(both(model("vllm"), model("second", { namespace: "team-e" })), []);
    assert.deepEqual(both(model("vllm"), model("vllm")), []);
  });
});
