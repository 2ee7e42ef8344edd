/** What the server is told: what is refused of it, and what is right. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { managedVariables, restrictedVariables } from "../../../components/args/environment";
import { fixedFlags, managedFlags } from "../../../components/args/extraArgs";
import { resolveArgs } from "../../../components/args/resolve";
import { validate } from "../../../components/args/validate";
import { server, serverArguments } from "../../../components/manifests/server";
import { asConfigured } from "./asConfigured";
import { type Args, mistakes, modelRevision } from "./servingMistakes";

function sentences(args: Args): string[] {
  return validate(resolveArgs("vllm", { hfToken: "hf_x", ...args })).map(({ reason }) => reason);
}

const everything: Args = {
  image: "registry.redhat.io/rhaii/vllm-cuda-rhel9:3.5",
  reasoningParser: "qwen3",
  kvCacheDtype: "fp8",
  maxNumBatchedTokens: 4096,
  chatTemplate: "{{ messages }}",
  trustRemoteCode: "its tokenizer was read by us",
  modelRevision,
  loraAdapters: [{ name: "sql", modelId: "me/sql", rank: 24 }],
  extraArgs: ["--seed", "-1", "--no-enable-prefix-caching", '--override-generation-config={"temperature": 0.2}'],
  env: { VLLM_LOGGING_LEVEL: "DEBUG", OTEL_TOKEN: { secretKeyRef: { name: "otel", key: "token" } } },
  gpuResource: "nvidia.com/mig-3g.40gb",
  priorityClassName: "high",
};

describe("what the server is told", () => {
  for (const [what, args, sentence] of mistakes) {
    it(`is refused where it is ${what}`, () => assert.deepEqual(sentences(args), [sentence]));
  }

  it("is right with all of the keys at once", () => assert.deepEqual(sentences(everything), []));

  it("is right with parsers of a plugin's", () => {
    const { reasoningParser: reasoning, ...rest } = { ...everything, reasoningParser: "mine", toolCallParser: "mine" };
    const [tool, other] = [["--tool_parser_plugin=/opt/mine.py"], ["--reasoning-parser-plugin", "/opt/mine.py"]];
    assert.deepEqual(sentences({ ...rest, extraArgs: tool }), []);
    const both = { ...rest, reasoningParser: reasoning };
    assert.deepEqual(sentences({ ...both, extraArgs: [...tool, ...other] }), []);
    assert.deepEqual(
      sentences({ ...both, extraArgs: [] }).map((each) => each.split("'")[1]),
      ["toolCallParser", "reasoningParser", "toolCallParser"],
    );
  });

  it("is refused in all that is wrong at once", () => {
    const all = sentences({ ...everything, kvCacheDtype: "x", extraArgs: ["--port", "1"], env: { HF_TOKEN: "x" } });
    assert.deepEqual(
      all.map((each) => each.split("'")[1]),
      ["kvCacheDtype", "extraArgs[0]", "env.HF_TOKEN"],
    );
  });

  it("has no flag that extraArgs might set again", () => {
    const told = serverArguments(resolveArgs("vllm", everything)).slice(0, -(everything.extraArgs?.length ?? 0));
    const flags = told.filter((word) => /^--[a-z]/.test(word));
    assert.ok(flags.length > 15);
    for (const flag of flags) assert.ok(flag in managedFlags || flag in fixedFlags, flag);
  });

  it("has no variable that env might set again", () => {
    for (const securityMode of ["anyuid", "restricted"] as const) {
      const { env, ...rest } = everything;
      const set = server(resolveArgs("vllm", { ...rest, securityMode })).env as { name: string }[];
      const managed = [...Object.keys(managedVariables), ...restrictedVariables, "DO_NOT_TRACK"];
      for (const { name } of set) assert.ok(managed.includes(name) && env?.[name] === undefined, name);
    }
  });

  it("reads a template from a file", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "template-"));
    const file = path.join(folder, "chat.jinja");
    writeFileSync(file, "{{ messages }}");
    try {
      assert.deepEqual(sentences({ chatTemplate: file }), []);
      writeFileSync(file, "");
      assert.match(sentences({ chatTemplate: file })[0] ?? "", /must hold a template of at most 1,000,000 bytes/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("comes from the configuration as YAML has it", () => {
    const texts = { extraArgs: '["--seed", 7]', env: '{"VLLM_LOG_STATS_INTERVAL": 5}', trustRemoteCode: "true" };
    const { problems, values } = asConfigured(texts);
    assert.deepEqual(values.extraArgs, ["--seed", "7"]);
    assert.deepEqual(values.env, { VLLM_LOG_STATS_INTERVAL: "5" });
    assert.deepEqual(
      problems.map(({ propertyPath }) => propertyPath),
      ["trustRemoteCode", "modelRevision"],
    );
  });

  for (const wrong of [
    { env: '{"OTEL_TOKEN": {"value": "s3cretvalue1"}}' },
    { extraArgs: "--otlp-headers s3cretvalue1" },
    { models: '{"coder": {"env": {"OTEL_HEADERS": "s3cretvalue1"}}' },
    { models: JSON.stringify({ coder: '{"env": {"OTEL_HEADERS": "s3cretvalue1"}' }) },
  ]) {
    it(`shows no value that may be a secret and has the wrong shape: ${JSON.stringify(wrong)}`, () => {
      const { problems } = asConfigured(wrong);
      assert.equal(problems.length, 1);
      assert.ok(!problems[0]?.reason.includes("s3cret"), problems[0]?.reason);
    });
  }

  it("names a model's own key by its path", () => {
    const { problems } = asConfigured({ models: '{"coder": {"extraArgs": ["--port", "1"], "env": {"A": true}}}' });
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      [
        "'models.coder.env.A' must be a text, in quotes if it is true or false, or {secretKeyRef: {name, key}}; set it with `pulumi config set --path models.coder.env.A <value>`.",
        "'models.coder.extraArgs[0]' (--port) must not be --port, because the probes, the Service and the Route ask port 8000 of the pod by HTTP; take it out.",
      ],
    );
  });
});
