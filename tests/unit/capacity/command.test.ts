import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../../../ops/commands/fit";

function fit(...args: string[]): { text: string; exitCode: number } {
  let text = "";
  const exitCode = run(args, (part) => (text += part));
  return { text, exitCode };
}

describe("npm run fit", () => {
  it("shows the sum, the requests at once and what else to set", () => {
    const { text, exitCode } = fit("Qwen/Qwen2.5-7B-Instruct-AWQ", "L4");
    assert.equal(exitCode, 0);
    assert.match(text, /^Qwen\/Qwen2\.5-7B-Instruct-AWQ on 1 × L4 \(22\.04 GiB, compute capability 8\.9\)\n/);
    assert.match(text, /one sequence of 32768 tokens {2}1\.8 GiB \(56\.0 KiB a token\)/);
    assert.match(text, /^ {4}32768 {2}7\.3$/m);
    assert.match(text, /^tool-call parser {4}hermes$/m);
    assert.match(text, /pvcSize of 11Gi holds two revisions/);
  });

  it("says what the family's chat template needs", () => {
    const { text } = fit("meta-llama/Llama-3.1-8B-Instruct", "L4");
    assert.match(
      text,
      /^chat template {7}vLLM recommends its own examples\/tool_chat_template_llama3\.1_json\.jinja$/m,
    );
  });

  it("says what docs/models.md shows", () => {
    const page = readFileSync(path.join(__dirname, "../../../docs/models.md"), "utf8");
    const [, shown] = /```console\n\$ npm run -s fit -- \S+ \S+\n([\s\S]*?)```/.exec(page) ?? [];
    assert.equal(shown, fit("Qwen/Qwen2.5-7B-Instruct-AWQ", "L4").text);
  });

  it("ends with 1 and the ways out where the model does not fit", () => {
    const { text, exitCode } = fit("Qwen/Qwen2.5-32B-Instruct", "A100-40");
    assert.equal(exitCode, 1);
    assert.match(text, /^does not fit:$/m);
    assert.match(
      text,
      /set modelId to Qwen\/Qwen2\.5-32B-Instruct-AWQ, or tensorParallelSize to 4, or gpuModel to H20/,
    );
  });

  it("takes context, sequences and GPUs", () => {
    const { text, exitCode } = fit(
      "meta-llama/Llama-3.3-70B-Instruct",
      "H100",
      "--tensor-parallel",
      "4",
      "--context",
      "65536",
      "--sequences",
      "16",
    );
    assert.equal(exitCode, 0, text);
    assert.match(text, /fits H100: at least [\d.]+ sequences of 65536 tokens at once \(maxNumSeqs 16\)/);
  });

  it("lists what there is when it does not know a name", () => {
    const model = fit("somebody/something", "L4");
    assert.equal(model.exitCode, 2);
    assert.match(
      model.text,
      /^No model 'somebody\/something' in the list\. Give its config\.json with --config .*, or take one of\n {2}Qwen\/Qwen2\.5-7B-Instruct-AWQ\n/,
    );
    assert.match(fit("openai/gpt-oss-20b", "V100").text, /^No GPU 'V100' in the list\. There are:\n {2}T4\n/);
  });

  it("names the one that a mistyped name is near to", () => {
    const { text, exitCode } = fit("Qwen/Qwen2.5-7B-Instruct-AWK", "L4");
    assert.equal(exitCode, 2);
    assert.match(text, /^No model '\S+' in the list\. Did you mean 'Qwen\/Qwen2\.5-7B-Instruct-AWQ'\? Give /);
    assert.doesNotMatch(fit("Qwen/Qwen2.5-3B-Instruct-AWQ", "L4").text, /Did you mean/);
  });

  it("gives a script the same as JSON", () => {
    const json = (...args: string[]): Record<string, unknown> =>
      JSON.parse(fit(...args, "--json").text) as Record<string, unknown>;
    const fits = json("Qwen/Qwen2.5-7B-Instruct-AWQ", "L4");
    assert.deepEqual(
      [fits.model, fits.gpu, fits.fits, fits.verdict],
      ["Qwen/Qwen2.5-7B-Instruct-AWQ", "L4", true, "fits"],
    );
    const { problems } = json("Qwen/Qwen2.5-32B-Instruct", "A100-40") as { problems: string[] };
    assert.match(problems.join("\n"), /set modelId to Qwen\/Qwen2\.5-32B-Instruct-AWQ/);
    const { error } = json("somebody/something", "L4");
    assert.match(String(error), /^No model 'somebody\/something' in the list\./);
  });

  describe("with the figures of a model outside the list", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "fit-"));
    const file = (text: string): string => {
      const name = path.join(folder, "figures.yaml");
      writeFileSync(name, text);
      return name;
    };
    const withFigures = (text: string, ...more: string[]): ReturnType<typeof fit> =>
      fit("somebody/something", "L4", "--figures", file(text), ...more);
    after(() => rmSync(folder, { recursive: true }));

    it("computes what docs/models.md shows as an example, like the model of those figures", () => {
      const page = readFileSync(path.join(__dirname, "../../../docs/models.md"), "utf8");
      const [, example = ""] = /modelFigures:\n([\s\S]*?)```/.exec(page) ?? [];
      const { text, exitCode } = withFigures(example, "--context", "8192");
      assert.equal(exitCode, 0, text);
      const sum = /= left for the KV cache.*\n.*one sequence of 8192 tokens.*/;
      const listed = fit("Qwen/Qwen2.5-7B-Instruct", "L4", "--context", "8192").text;
      assert.equal(sum.exec(text)?.[0], sum.exec(listed)?.[0]);
      assert.match(text, /^somebody\/something on 1 × L4/);
      assert.match(text, /^tool-call parser {4}unknown: the model is not in the list$/m);
    });

    it("puts them before those of a model of the list", () => {
      const model = "Qwen/Qwen2.5-7B-Instruct-AWQ";
      const longer = ["--context", "65536", "--figures", file("maxContext: 131072")];
      assert.equal(fit(model, "L4", "--context", "65536").exitCode, 1);
      assert.equal(fit(model, "L4", ...longer).exitCode, 0);
    });

    it("says which figures are missing or wrong", () => {
      const missing = withFigures("layers: 28\nhiddenSize: 3584");
      assert.equal(missing.exitCode, 2);
      assert.equal(
        missing.text,
        "'modelFigures' must hold every figure of somebody/something, which is not in the list of presets; " +
          "set attentionHeads, kvHeads, headSize, intermediateSize, vocabSize, maxContext, weightBytes too.\n",
      );
      assert.match(withFigures("layers: many").text, /^'modelFigures\.layers' \(many\) must be a figure of the model /);
    });

    it("names a few of the keys that are no figures, not a whole file", () => {
      const lines = Array.from({ length: 40 }, (_, index) => `key${index}: 1`);
      assert.equal(
        withFigures(lines.join("\n")).text,
        "'modelFigures' must hold nothing but figures of the model; remove key0, key1, key2 and 37 more.\n",
      );
      assert.equal(
        withFigures("attention:\n  kind: full\n  windows: 1").text,
        "'modelFigures.attention' must hold nothing but figures of the model; remove windows.\n",
      );
    });

    it("refuses a file that is not there, no YAML, or no map", () => {
      const absent = fit("somebody/something", "L4", "--figures", path.join(folder, "absent"));
      assert.equal(absent.exitCode, 2);
      assert.match(
        absent.text,
        /'--figures <file>' argument '.*absent' is invalid\. It must be a readable YAML file: ENOENT/,
      );
      assert.match(withFigures("a: [").text, /It must be a readable YAML file: /);
      for (const text of ["", "7", "- layers"]) {
        assert.match(withFigures(text).text, /It must hold a map, as modelFigures does in docs\/models\.md\./);
      }
    });
  });

  it("refuses numbers that are none", () => {
    const { text, exitCode } = fit("openai/gpt-oss-20b", "L4", "--context", "many");
    assert.equal(exitCode, 2);
    assert.match(text, /'--context <tokens>' argument 'many' is invalid\. It must be a whole number above 0\./);
  });
});
