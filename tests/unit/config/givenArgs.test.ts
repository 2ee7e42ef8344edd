/** Arguments as a program in JavaScript hands them over. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { resolveArgs, type ResolvedArgs } from "../../../components/args/resolve";
import { validate } from "../../../components/args/validate";
import { besides } from "../../../components/config/entries";
import { checkArgs } from "../../../components/config/givenArgs";
import { argsSchema, contentKeys } from "../../../components/config/schema";

function given(args: object): { sentences: string[]; resolved: ResolvedArgs } {
  const { problems, args: read } = checkArgs({ hfTokenSecret: "hf-token", ...args }, argsSchema, contentKeys);
  const resolved = resolveArgs("vllm", read);
  return { sentences: [...problems, ...besides(problems, validate(resolved))].map(({ reason }) => reason), resolved };
}

describe("arguments from JavaScript", () => {
  it("are read as the configuration is: a number among texts is a text", () => {
    const args = { extraArgs: ["--seed", 7], env: { VLLM_LOG_STATS_INTERVAL: 5 }, resources: { requests: { cpu: 2 } } };
    const { sentences, resolved } = given(args);
    assert.deepEqual(sentences, []);
    assert.deepEqual(resolved.extraArgs, ["--seed", "7"]);
    assert.deepEqual(resolved.env, { VLLM_LOG_STATS_INTERVAL: "5" });
    assert.deepEqual(resolved.resources, { requests: { cpu: "2" } });
  });

  it("are judged by their shape where an Output lies in one that may be an Output itself", () => {
    const { sentences } = given({ namespace: [pulumi.output("inference")], image: { name: Promise.resolve("x") } });
    assert.deepEqual(sentences, [
      "'namespace' must be a text; set another value, or leave it out.",
      "'image' must be a text; set another value, or leave it out.",
    ]);
  });

  it("need a reason to trust code, also where they say true", () => {
    const { sentences } = given({ trustRemoteCode: true, modelRevision: "a".repeat(40) });
    assert.deepEqual(sentences, [
      `'trustRemoteCode' (true) must say in a sentence why the model's own code may run in the server; set one such as "its attention is not in vLLM; modeling.py was read", or leave it empty.`,
    ]);
  });

  it("hide no mistake of the other entries behind one whose shape is wrong", () => {
    const { sentences } = given({ extraArgs: [true, "--port"], env: { VLLM_PORT: "1", A: false } });
    const paths = sentences.map((each) => /^'([^']+)'/.exec(each)?.[1]);
    assert.deepEqual(paths.sort(), ["env.A", "env.VLLM_PORT", "extraArgs[0]", "extraArgs[1]"]);
  });

  it("say the mistakes of a list's other elements by their own numbers", () => {
    const { sentences } = given({
      loraAdapters: [
        null,
        { name: "sql", modelId: "me/sql", rank: 0 },
        { name: "law", modelId: "me/law", weight: 2 },
        { name: "tax", modelId: "tax" },
      ],
      servedModelNames: [7, "two words"],
      nodeSelector: { gpu: 1, "a b": "c" },
    });
    const found = sentences.map((each) => /^'([^']+)'(?: \(([^)]*)\))?/.exec(each)?.slice(1).join(" "));
    assert.deepEqual(found.sort(), [
      "loraAdapters[0] null",
      "loraAdapters[1].rank 0",
      "loraAdapters[2].weight ",
      "loraAdapters[3].modelId tax",
      "nodeSelector a b: c",
      "nodeSelector.gpu 1",
      "servedModelNames two words",
      "servedModelNames[0] 7",
    ]);
  });

  it("that hold themselves are refused in a sentence", () => {
    const env: Record<string, unknown> = { A: "1" };
    env["self"] = env;
    const { sentences } = given({ env, tolerations: [env], servedModelNames: [1n] });
    assert.equal(sentences.length, 4, sentences.join("\n"));
    for (const each of sentences)
      assert.match(each, /^'(?:env\.self|tolerations\[0\]\.(?:A|self)|servedModelNames\[0\])' /);
  });

  for (const [key, value] of Object.entries({
    hfToken: { value: "s3cretvalue1" },
    env: { OTEL_HEADERS: { value: "s3cretvalue1" } },
    extraArgs: "--otlp-headers s3cretvalue1",
  })) {
    it(`show nothing of '${key}' where its shape is wrong, for it may hold a secret`, () => {
      const { sentences } = given({ [key]: value });
      assert.equal(sentences.length, 1);
      assert.match(sentences[0] ?? "", new RegExp(`^'${key}\\S*' must be a `));
      assert.ok(!sentences.join().includes("s3cret"), sentences.join());
    });
  }
});
