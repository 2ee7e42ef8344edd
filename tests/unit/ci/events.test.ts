import assert from "node:assert/strict";
import { readEvents } from "../../../ci/events";
import { fieldChanges } from "../../../ci/fields";

describe("the fields that a preview changes", () => {
  it("are named as a reader names them: containers and variables by name, arguments by flag", () => {
    const pod = (length: string, model: string): object => ({
      containers: [
        { name: "server", args: ["--max-model-len", length, "--enforce-eager"] },
        { name: "other", env: [{ name: "MODEL_ID", value: model }] },
      ],
    });
    assert.deepEqual(fieldChanges({ spec: pod("32768", "a/b") }, { spec: pod("16384", "c/d") }), [
      { path: "spec.containers[server].args --max-model-len", before: "32768", after: "16384" },
      { path: "spec.containers[other].env[MODEL_ID].value", before: "a/b", after: "c/d" },
    ]);
  });

  it("show what is added and what is removed", () => {
    assert.deepEqual(fieldChanges({ gone: 1, "a/b": 1 }, { new: [1], "a/b": 2 }), [
      { path: "gone", before: "1" },
      { path: '["a/b"]', before: "1", after: "2" },
      { path: "new", after: "[1]" },
    ]);
  });

  it("give the length of what is too long to read", () => {
    assert.deepEqual(fieldChanges("x", "y\n"), [{ path: "", before: "x", after: "(2 characters)" }]);
    assert.deepEqual(fieldChanges("a\nb\nc", "a\nd\nc", true), [{ path: "", before: "line 2: b", after: "line 2: d" }]);
    assert.deepEqual(fieldChanges("a", "a\nb", true), [{ path: "", before: "line 2: (none)", after: "line 2: b" }]);
    assert.deepEqual(fieldChanges("a", "b", true), [{ path: "", before: "a", after: "b" }]);
  });
});

describe("the engine's events", () => {
  const step = (op: string, type = "kubernetes:core/v1:PersistentVolumeClaim"): object => ({
    resourcePreEvent: {
      metadata: {
        op,
        type,
        urn: `urn:pulumi:dev::vllm-inference::${type}::vllm-claim`,
        old: { inputs: { metadata: { name: "cache" }, spec: { size: "30Gi" } } },
        new: { inputs: { metadata: { name: "cache" }, spec: { size: "40Gi" } } },
      },
    },
  });
  const log = (...events: object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join("");

  it("become changes, a replacement only one", () => {
    const { changes } = readEvents(log(step("create-replacement"), step("replace"), step("delete-replaced")));
    const fields = [{ path: "spec.size", before: "30Gi", after: "40Gi" }];
    assert.deepEqual(changes, [{ operation: "replace", kind: "PersistentVolumeClaim", name: "cache", fields }]);
  });

  it("show an object whose name tells its content as one that changes, with the settings in its file", () => {
    const type = "kubernetes:core/v1:ConfigMap";
    const config = (op: string, hash: string, context: number): object => {
      const file = `model_list:\n${["a", "a", "b"].map((name) => `  - { model_name: ${name}, context: ${context} }`).join("\n")}`;
      const inputs = { metadata: { name: `config-${hash}` }, data: { "config.yaml": file } };
      const side = op === "create" ? { new: { inputs } } : { old: { inputs } };
      return {
        resourcePreEvent: { metadata: { op, type, urn: `urn:pulumi:dev::g::${type}::config-${hash}`, ...side } },
      };
    };
    const other = step("delete", type);
    const { changes } = readEvents(log(config("create", "0123456789", 2), other, config("delete", "abcdef0123", 1)));
    assert.deepEqual(
      changes.map(({ operation, name }) => `${operation} ${name}`),
      ["replace config-0123456789", "delete cache"],
    );
    assert.deepEqual(changes[0]?.fields, [
      { path: "metadata.name", before: "config-abcdef0123", after: "config-0123456789" },
      ...["a", "a 2", "b"].map((name) => {
        return { path: `data["config.yaml"].model_list[${name}].context`, before: "1", after: "2" };
      }),
    ]);
  });

  it("tell of the stack's outputs twice: as they are, and as they will be", () => {
    const told = (old: object, next: object): object => ({
      resOutputsEvent: { metadata: { type: "pulumi:pulumi:Stack", old: { outputs: old }, new: { outputs: next } } },
    });
    const key = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
    const later = { names: ["b"], url: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", key };
    const { outputs, previous, next } = readEvents(
      log(told({ names: ["a"] }, { names: ["a"] }), told({ names: ["a"] }, later)),
    );
    assert.deepEqual(outputs, [
      { path: "names", before: '["a"]', after: '["b"]' },
      { path: "url", after: "(known after `up`)" },
      { path: "key", after: "(secret)" },
    ]);
    assert.deepEqual([previous, next], [{ names: ["a"] }, later]);
  });

  it("say nothing of what stays, of providers and of components", () => {
    const types = [
      "pulumi:providers:kubernetes",
      "pulumi:pulumi:Stack",
      "vllm-inference:index:VllmInference",
      "vllm-gateway:index:LiteLlm",
    ];
    assert.deepEqual(readEvents(log(step("same"), ...types.map((type) => step("update", type)))).changes, []);
  });

  it("become verdicts, errors and notes without colours", () => {
    const policyEvent = { policyName: "require-recreate", enforcementLevel: "mandatory", message: "<{%reset%}>bad\n" };
    const urn = "urn:pulumi:dev::p::vllm-inference:index:VllmInference::vllm";
    const found = readEvents(
      log(
        { policyEvent },
        { policyAnalyzeSummaryEvent: { policyPackName: "vllm-policies" } },
        { diagnosticEvent: { severity: "error", message: "<{%fg 1%}>no<{%reset%}>" } },
        { diagnosticEvent: { severity: "info", urn, message: "fits L4" } },
        { diagnosticEvent: { severity: "debug", message: "noise" } },
      ),
    );
    assert.deepEqual(found.policies, {
      packs: ["vllm-policies"],
      findings: [{ policy: "require-recreate", level: "mandatory", message: "bad" }],
    });
    assert.deepEqual([found.errors, found.notes], [["no"], ["fits L4"]]);
  });
});
