import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gateway, inference, plan, resolvedModels, shownName } from "../../../ci/projects";
import { noteOf, type Published, published, standIn } from "../../../ci/published";
import { repositoryRoot } from "../../../local/paths";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
const instead = { routeUrl: "https://made.up", modelId: "a/b", maxModelLen: 1, apiKey: "k" };

describe("what an inference stack publishes to a gateway's preview", () => {
  it("is what its own program says, before and after the change", () => {
    const told = { before: { modelId: "a/b", maxModelLen: 40_000 }, after: { modelId: "c/d", maxModelLen: 50_000 } };
    const found = published({ ...told, newKeys: [] }, { after: instead });
    assert.deepEqual(found, { ...told, madeUp: [], source: "this run" });
  });

  it("is made up where no program knows it yet, and says so", () => {
    const after = { modelId: "a/b", routeUrl: unknown, toolCallParser: unknown };
    assert.deepEqual(published({ after, newKeys: [] }, { after: instead }), {
      before: undefined,
      after: { modelId: "a/b", routeUrl: "https://made.up" },
      madeUp: ["routeUrl", "toolCallParser"],
      source: "this run",
    });
  });

  it("has an API key that is nobody's, and another one where the change makes a new one", () => {
    const told = { before: { apiKey: secret }, after: { apiKey: secret } };
    const same = published({ ...told, newKeys: [] }, { after: instead });
    const rotated = published({ ...told, newKeys: ["vllm"] }, { after: instead });
    assert.match(String(same.before?.["apiKey"]), /^sk-not-a-real-key/);
    assert.equal(same.before?.["apiKey"], same.after["apiKey"]);
    assert.notEqual(rotated.before?.["apiKey"], rotated.after["apiKey"]);
  });

  it("stays as it was where the working tree's program is refused", () => {
    const before = { modelId: "a/b" };
    const found = published({ before, newKeys: [], failure: "'x' must …" }, { after: instead });
    assert.deepEqual(found, { before, after: before, madeUp: [], source: "before the change", failure: "'x' must …" });
  });

  it("is made up altogether where neither program came to its end", () => {
    const found = published({ newKeys: [] }, { before: { modelId: "old/one" }, after: instead });
    assert.deepEqual([found.before, found.after], [{ modelId: "old/one" }, { modelId: "old/one" }]);
    assert.deepEqual([found.madeUp, found.source], [["modelId"], "its file"]);
  });

  it("has a stand-in with the very names of the program's outputs", () => {
    const projectFile = readFileSync(path.join(repositoryRoot, "Pulumi.yaml"), "utf8");
    const stand = standIn(resolvedModels({ "vllm-inference:namespace": "team" }, projectFile));
    const { models, apiKeys, ...flat } = stand;
    const { apiKey, ...facts } = flat;
    assert.deepEqual(models, { vllm: facts });
    assert.deepEqual(apiKeys, { vllm: apiKey });
    assert.deepEqual(flat, {
      routeUrl: "https://vllm-team.apps.cluster.invalid",
      internalUrl: "http://vllm.team.svc:8000",
      modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
      servedModelNames: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B-Instruct-AWQ"],
      maxModelLen: 32768,
      toolCallParser: "hermes",
      apiKeySecretName: "vllm-api-key",
      apiKey,
    });
  });

  it("has a stand-in's adapters by their names", () => {
    const projectFile = readFileSync(path.join(repositoryRoot, "Pulumi.yaml"), "utf8");
    const loraAdapters = [{ name: "sql", modelId: "team/sql" }];
    const stand = standIn(resolvedModels({ "vllm-inference:loraAdapters": loraAdapters }, projectFile));
    assert.deepEqual(stand["loraAdapters"], ["sql"]);
  });

  it("has each of several models by its name, with a key of its own", () => {
    const coder = { modelId: "c/d", routeUrl: unknown, apiKeySecretName: "coder-api-key" };
    const told = { models: { vllm: { modelId: "a/b" }, coder }, apiKeys: secret };
    const stand = { models: { coder: { routeUrl: "https://made.up" } } };
    const { before, after, madeUp } = published({ before: told, after: told, newKeys: ["coder"] }, { after: stand });
    const { apiKeys: old, ...rest } = before as { apiKeys: Record<string, string>; models: object };
    assert.deepEqual(rest.models, { vllm: { modelId: "a/b" }, coder: { ...coder, routeUrl: "https://made.up" } });
    assert.deepEqual(madeUp, ["models.coder.routeUrl"]);
    assert.deepEqual(Object.keys(old), ["coder"]);
    const { apiKeys: keys } = after as { apiKeys: Record<string, string> };
    assert.notEqual(keys["coder"], old["coder"]);
  });

  it("has a stand-in for each of several models", () => {
    const projectFile = readFileSync(path.join(repositoryRoot, "Pulumi.yaml"), "utf8");
    const models = { vllm: {}, coder: { apiKeyEnabled: false } };
    const stand = standIn(resolvedModels({ "vllm-inference:models": models }, projectFile));
    assert.deepEqual(Object.keys(stand), ["models", "apiKeys"]);
    assert.deepEqual(Object.keys(stand["models"] as object), ["vllm", "coder"]);
    assert.deepEqual(Object.keys(stand["apiKeys"] as object), ["vllm"]);
  });
});

describe("what a reviewer is told of the outputs that a gateway was given", () => {
  const found: Published = { before: {}, after: {}, madeUp: ["routeUrl"], source: "this run" };
  const note = (of: Partial<Published>, when: "before" | "after" = "after"): string =>
    noteOf("o/p/s", { ...found, ...of }, when);

  it("is where they come from, and what of them is made up", () => {
    assert.equal(note({}), "Outputs of o/p/s: as this run's own throw-away stack has them, but made up: routeUrl");
    assert.match(note({ source: "the default model" }), /: made up, as of the default model under the names that /);
  });

  it("is that the stack's own preview fails, and why, though nobody asked for it", () => {
    const failure = "'maxModelLen' (-1) must be positive";
    assert.equal(
      note({ source: "before the change", failure }),
      `Outputs of o/p/s: as before the change, but made up: routeUrl, because its own preview fails: ${failure}`,
    );
    assert.match(note({ source: "the default model", failure }), /gives it, because its own preview fails: 'maxM/);
    assert.doesNotMatch(note({ source: "before the change", failure }, "before"), /fails/);
  });

  it("is also of those that only the base commit names", () => {
    assert.match(note({}, "before"), /^Outputs of o\/p\/s in the base commit: as this run's own/);
    assert.match(note({ before: undefined }, "before"), /: none in the base commit, which has no such stack$/);
  });
});

describe("the order of the previews", () => {
  const stack = (project: typeof gateway, name: string) => ({ project, name });
  const known = [stack(inference, "dev"), stack(inference, "prod"), stack(gateway, "dev"), stack(gateway, "prod")];
  const planned = (asked: typeof known, ...references: string[]): string[] =>
    plan(asked, known, ({ project }) => (project === gateway ? references : [])).map(
      (each) => `${shownName(each.stack)}${each.isAsked ? "" : " (only read)"}`,
    );

  it("is models before gateways", () => {
    assert.deepEqual(planned(known), ["dev", "prod", "gateway/dev", "gateway/prod"]);
  });

  it("has the models that an asked gateway reads, though nobody asked for them", () => {
    assert.deepEqual(planned([known[2]!], "organization/vllm-inference/prod", "organization/other/x"), [
      "prod (only read)",
      "gateway/dev",
    ]);
    assert.deepEqual(planned([known[0]!], "organization/vllm-inference/prod"), ["dev"]);
  });
});
