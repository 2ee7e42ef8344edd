import assert from "node:assert/strict";
import { registrations } from "../../../gateway/registrations";
import { outputTokens } from "../../../gateway/tokens";
import { listOf, model, owner } from "./models";

describe("the list of registrations", () => {
  it("has an entry for each alias of each model, in the order of the configuration", () => {
    const second = model({ stack: "organization/vllm-inference/big", path: "models[1]", aliases: ["a", "c"] });
    const list = listOf(model({ aliases: ["a", "b"] }), second);
    assert.deepEqual(
      list.map(({ alias, ref }) => `${alias} ${ref.split("/")[2]}`),
      ["a dev", "b dev", "a big", "c big"],
    );
  });

  it("gives an entry the same id in every run, and every other entry another", () => {
    const ids = (...aliases: string[]): string[] => listOf(model({ aliases })).map(({ id }) => id);
    assert.deepEqual(ids("a", "b"), ids("a", "b"));
    assert.deepEqual(ids("b"), ids("a", "b").slice(1), "an id must not depend on its neighbours");
    const elsewhere = registrations([model({ aliases: ["a"] })], "organization/vllm-gateway/other").registrations;
    assert.notEqual(elsewhere[0]?.id, ids("a")[0]);
    const other = listOf(model({ aliases: ["a"], stack: "organization/vllm-inference/other" }));
    assert.notEqual(other[0]?.id, ids("a")[0]);
  });

  it("tells the models of one stack apart, and knows the one that a stack without others had", () => {
    const coder = model({ model: "coder", isOnly: false, aliases: ["b"] });
    const list = listOf(model({ isOnly: false, aliases: ["a"] }), coder);
    assert.deepEqual(
      list.map(({ alias, ref }) => `${alias} ${ref}`),
      ["a organization/vllm-inference/dev", "b organization/vllm-inference/dev/coder"],
    );
    assert.equal(list[0]?.id, listOf(model({ aliases: ["a"] }))[0]?.id);
    const short = registrations([model({ model: "coder", isOnly: false, maxModelLen: 1 })], owner);
    assert.match(short.problems[0]?.reason ?? "", /--stack dev --path models\.coder\.maxModelLen 32768`/);
  });

  it("refuses two models whose keys would lie in one variable", () => {
    const other = model({ stack: "organization/vllm-inference/dev-coder", path: "models[1]" });
    const { problems } = registrations([model({ model: "coder" }), other], owner);
    assert.match(
      problems[0]?.reason ?? "",
      /must differ from organization\/vllm-inference\/dev\/coder in more than punc/,
    );
  });

  it("names an alias once, though it is configured twice", () => {
    assert.equal(listOf(model({ aliases: ["a", "a"] })).length, 1);
  });

  it("asks the server by the name without a slash", () => {
    assert.equal(listOf(model())[0]?.servedName, "Qwen2.5-7B-Instruct-AWQ");
    assert.equal(listOf(model({ servedModelNames: ["a/b"] }))[0]?.servedName, "a/b");
  });

  for (const [context, output] of [
    [32_768, 4_096],
    [40_960, 8_192],
    [131_072, 53_248],
    [262_144, 64_000],
  ] as const) {
    it(`leaves room for Claude Code's first request in a context of ${context}`, () => {
      assert.equal(outputTokens(context), output);
      const [entry] = listOf(model({ maxModelLen: context }));
      assert.equal(entry!.maxInputTokens + entry!.maxOutputTokens, context);
      assert.ok(entry!.maxInputTokens >= 24_000);
    });
  }

  it("refuses everything that would not work, all at once", () => {
    const bad = model({
      maxModelLen: 32_767,
      toolCallParser: undefined,
      aliases: ["owner/name"],
      servedModelNames: [],
    });
    const { problems } = registrations([bad, model({ path: "models[1]", aliases: [] })], owner);
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      [
        "'models[0].maxModelLen' (32767) must have at least 32768 tokens of context, because Claude Code's first request alone has about " +
          "24,000; set it with `pulumi config set --stack dev maxModelLen 32768` in its project, and run `pulumi up` there.",
        "'models[0].toolCallParser' must have a tool-call parser, or tool calls come back as text; set it with " +
          "`pulumi config set --stack dev enableAutoToolChoice true` in its project, and run `pulumi up` there.",
        "'models[0].servedModelNames' must be served under at least one name; run `pulumi up` in organization/vllm-inference/dev.",
        "'models[0].aliases' (owner/name) must be a name without slash, space or wildcard, because clients such as Claude Code cannot use " +
          "the others; set a name such as claude-sonnet-4-5.",
        "'models[1].aliases' must have at least one alias; set a list of names, or leave it out.",
        "'models[1].stack' (organization/vllm-inference/dev) must be named once; remove one of the two, and give the other one all aliases.",
      ],
    );
  });

  it("refuses aliases on a line whose vLLM has no /v1/messages, and says which has", () => {
    const { problems } = registrations([model({ imageLine: "3.0" })], owner);
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      [
        "'models[0].imageLine' (3.0) must be a line whose vLLM answers /v1/messages, which is what the aliases are for; set one of line 3.3 " +
          "or later with `pulumi config set --stack dev image <image>` in its project, and run `pulumi up` there.",
      ],
    );
    for (const imageLine of ["3.2", "3.3", "3.5", "9.9", undefined])
      assert.deepEqual(registrations([model({ imageLine })], owner).problems, [], imageLine);
  });

  it("accepts the smallest context that Claude Code can use", () => {
    assert.deepEqual(registrations([model()], owner).problems, []);
  });
});
