/** How the pack reads command lines, quantities and durations. */
import assert from "node:assert/strict";
import { commands, commandWords, flag, type Word } from "../../../policies/lib/commandLine";
import { matchesAny } from "../../../policies/lib/patterns";
import { routerSeconds } from "../../../policies/lib/routes";
import { UNKNOWN, type Value } from "../../../policies/lib/values";

const env = new Map([["MODEL", "a/b"]]);
const shell = (script: string): Word[][] =>
  commands(commandWords({ command: ["/bin/bash", "-ec"], args: [script] }, env));

describe("a container's command line", () => {
  const lines: [string, string, Word[][]][] = [
    ["quotes and escapes", `vllm serve 'a b' "c \\"d\\"" e\\ f`, [["vllm", "serve", "a b", 'c "d"', "e f"]]],
    [
      "continued lines and comments",
      "vllm serve x \\\n  --port 8000 # --port 9000\n",
      [["vllm", "serve", "x", "--port", "8000"]],
    ],
    [
      "several commands",
      "set -e; hf download x && exec vllm serve x | tee log",
      [
        ["set", "-e"],
        ["hf", "download", "x"],
        ["exec", "vllm", "serve", "x"],
        ["tee", "log"],
      ],
    ],
    [
      "variables of the container",
      'vllm serve $MODEL --name "${MODEL}-x"',
      [["vllm", "serve", "a/b", "--name", "a/b-x"]],
    ],
    ["variables that nobody knows", "vllm serve x $EXTRA", [["vllm", "serve", "x", UNKNOWN]]],
    [
      "what another command prints",
      "vllm serve $(cat (x) y) --port `echo 1`",
      [["vllm", "serve", UNKNOWN, "--port", UNKNOWN]],
    ],
    ["defaults of variables", "vllm serve ${OTHER:-a b} x", [["vllm", "serve", UNKNOWN, "x"]]],
    ["single quotes, in which nothing is replaced", "echo '$MODEL'", [["echo", "$MODEL"]]],
  ];
  for (const [says, script, expected] of lines) {
    it(`knows ${says} in a shell's line`, () => assert.deepEqual(shell(script), expected));
  }

  it("replaces Kubernetes' own references", () => {
    const spec: Value = { args: ["--model=$(MODEL)", "$$(MODEL)", "$(TOKEN)", 8000, UNKNOWN] };
    assert.deepEqual(commandWords(spec, env), ["--model=a/b", "$(MODEL)", UNKNOWN, "8000", UNKNOWN]);
  });

  it("takes a flag's last value, in each of its forms", () => {
    const words = ["serve", "m", "--tensor_parallel_size=2", "-tp", "4", "--names", "a", "b", "--eager"];
    assert.deepEqual(flag(words, "tensor-parallel-size", "-tp"), ["4"]);
    assert.deepEqual(flag(words, "names"), ["a", "b"]);
    assert.deepEqual(flag(words, "eager"), []);
    assert.equal(flag(words, "port"), "absent");
    assert.equal(flag([...words, UNKNOWN], "port"), UNKNOWN);
  });
});

describe("what settings and objects say in their own units", () => {
  it("reads the router's durations", () => {
    assert.deepEqual(["600s", "10m", "1h", "500", "soon"].map(routerSeconds), [600, 600, 3600, 0.5, undefined]);
  });

  it("takes an asterisk for any characters and all else for itself", () => {
    assert.ok(matchesAny(["live-*"], "live-eu"));
    assert.ok(!matchesAny(["live-*"], "my-live-eu"));
    assert.ok(!matchesAny(["a.b"], "axb"));
  });
});
