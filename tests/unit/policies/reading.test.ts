/** How the pack reads command lines, quantities and durations. */
import assert from "node:assert/strict";
import { flag, programsIn, rawWords, type Word } from "../../../policies/lib/commandLine";
import { matchesAny } from "../../../policies/lib/patterns";
import { routerSeconds } from "../../../policies/lib/routes";
import { UNKNOWN, type Value } from "../../../policies/lib/values";

const env = new Map([["MODEL", "a/b"]]);
/** Programs with their arguments, as a shell's line starts them. */
function shell(script: string, ...more: string[]): Word[][] {
  const found = programsIn(
    [
      ["/bin/bash", "-ec"],
      [script, ...more],
    ],
    env,
  );
  assert.ok(found !== UNKNOWN);
  return found.map(({ name, args, module, code }) => [name ?? UNKNOWN, ...[module ?? code ?? []].flat(), ...args]);
}

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
        ["vllm", "serve", "x"],
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
      [
        ["cat", "x"],
        ["echo", "1"],
        ["vllm", "serve", UNKNOWN, "--port", UNKNOWN],
      ],
    ],
    ["defaults of variables", "vllm serve ${OTHER:-a b} x", [["vllm", "serve", UNKNOWN, "x"]]],
    ["single quotes, in which nothing is replaced", "echo '$MODEL'", [["echo", "$MODEL"]]],
    ["variables of the script", 'V=/opt/v; M="x y"; "$V"/bin/vllm serve $M', [["vllm", "serve", "x", "y"]]],
    ["a program in a folder that nobody knows", "$VENV/bin/vllm serve /m", [["vllm", "serve", "/m"]]],
    ["a program that nobody knows", "$PROGRAM serve /m", [[UNKNOWN, "serve", "/m"]]],
    ["lists", 'A=(--port 8000)\nvllm serve /m "${A[@]}"', [["vllm", "serve", "/m", "--port", "8000"]]],
    [
      "both branches, and that a variable may be either of theirs",
      "if [ -f /x ]; then M=a; hf download $M; else M=b; fi; vllm serve $M",
      [
        ["[", "-f", "/x", "]"],
        ["hf", "download", "a"],
        ["vllm", "serve", UNKNOWN],
      ],
    ],
    [
      "functions and substitutions",
      "f() { vllm serve /m; }; X=$(hf env); f",
      [["vllm", "serve", "/m"], ["hf", "env"], ["f"]],
    ],
    [
      "where a program lies",
      'exec "$(which vllm)" serve /m',
      [
        ["which", "vllm"],
        ["vllm", "serve", "/m"],
      ],
    ],
    ["a here-document for Python", "python3 - <<'E'\nimport vllm\nE", [["python3", "import vllm\n"]]],
    [
      "a script that it writes first",
      "cat > /tmp/s.sh <<'E'\nvllm serve /m\nE\nbash /tmp/s.sh",
      [["cat"], ["vllm", "serve", "/m"]],
    ],
    ["a shell in a shell", `sh -c "exec vllm serve /m"`, [["vllm", "serve", "/m"]]],
    ["eval", 'eval "vllm serve $MODEL"', [["vllm", "serve", "a/b"]]],
  ];
  for (const [says, script, expected] of lines) {
    it(`knows ${says} in a shell's line`, () => assert.deepEqual(shell(script), expected));
  }

  const launched: [string, string, Word[]][] = [
    ["env and its variables", "env -u A B=1 vllm serve", ["vllm", "serve"]],
    ["a time limit", "timeout --signal=KILL 3600 vllm serve", ["vllm", "serve"]],
    ["an init process", "tini -g -- /usr/bin/vllm serve", ["vllm", "serve"]],
    ["uv", "uv run --with vllm vllm serve", ["vllm", "serve"]],
    ["uvx", "uvx --python 3.12 vllm serve", ["vllm", "serve"]],
    ["conda", "conda run -n env --no-capture-output vllm serve", ["vllm", "serve"]],
    ["another user", "sudo -E -u vllm vllm serve", ["vllm", "serve"]],
    ["bound memory", "numactl --membind 0 -N 0 vllm serve", ["vllm", "serve"]],
    ["a profiler", "nsys profile -o /tmp/x --trace=cuda vllm serve", ["vllm", "serve"]],
    [
      "Python's module",
      "python3 -u -m vllm.entrypoints.openai.api_server --port 1",
      ["python3", "vllm.entrypoints.openai.api_server", "--port", "1"],
    ],
    ["Python's code", "python -c 'print(1)'", ["python", "print(1)"]],
  ];
  for (const [says, line, expected] of launched) {
    it(`finds the program behind ${says}`, () => {
      assert.deepEqual(shell(line), [expected]);
      // The same as a list of words, as a manifest has it without a shell.
      if (!line.includes("'")) {
        const [program] = [programsIn([line.split(" ")], env)].flat();
        assert.equal(typeof program === "object" && program.name, expected[0]);
      }
    });
  }

  it("gives a script the words behind it", () => {
    assert.deepEqual(shell('exec vllm serve "$@"', "--", "/m", "--port=1"), [["vllm", "serve", "/m", "--port=1"]]);
    assert.deepEqual(shell('vllm serve "$1"', "x", "/m"), [["vllm", "serve", "/m"]]);
  });

  it("knows what the line itself sets, and that unset is empty", () => {
    const found = programsIn([["bash", "-c", "export A=1 B=2; unset A; C=3 hf download x"]], env);
    assert.ok(found !== UNKNOWN);
    assert.deepEqual(Object.fromEntries(found.at(-1)?.set ?? []), { A: "", B: "2", C: "3" });
  });

  it("replaces Kubernetes' own references", () => {
    const args: Value = ["--model=$(MODEL)", "$$(MODEL)", "$(TOKEN)", 8000, UNKNOWN];
    assert.deepEqual(rawWords([args], env), ["--model=a/b", "$(MODEL)", "\uFFFC", "8000", "\uFFFC"]);
  });

  it("leaves a shell's own substitution to the shell", () => {
    assert.deepEqual(shell("vllm serve /m --workers $(nproc) $(MODEL)"), [
      ["nproc"],
      ["vllm", "serve", "/m", "--workers", UNKNOWN, "a/b"],
    ]);
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
