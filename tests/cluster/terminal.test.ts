import assert from "node:assert/strict";
import { execa } from "execa";
import { simulate } from "../../local/simulation";
import { TestStack } from "../../harness/stack";

/** Gives a command a terminal: its arguments are run with one as their input and output. */
const onTerminal = ["-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"] as const;

// In which other cases a terminal is none, CI among them, is tried in tests/unit/readiness/terminal.test.ts.
describe("what up shows while it waits", () => {
  const namespace = "terminal";
  let stack: TestStack;
  let run = 50;
  before(async () => {
    stack = await TestStack.create(namespace);
    await simulate(stack.cluster.kubeconfig, namespace, { load: 5 });
  });
  after(() => stack.remove());

  /** Every text about the loading that was shown, in a session that has a terminal. */
  async function loading(command: string): Promise<string[]> {
    stack.configure({ maxNumSeqs: ++run });
    const result = await execa("python3", [...onTerminal, "bash", "-c", command], {
      cwd: stack.directory,
      env: { ...stack.env, CI: undefined },
      all: true,
      reject: false,
      stdin: "ignore",
    });
    const text = String(result.all);
    assert.match(text, /vllm: ready after/);
    return [...new Set(text.match(/vllm: loading( for \d+ s)?/g))];
  }

  const up = "pulumi up --yes --skip-preview --stack test";

  it("is every second of a phase, live, on a terminal", async () => {
    const shown = await loading(up);
    assert.ok(shown.length > 2, shown.join("\n"));
  });

  it("is one line for each phase behind a pipe, although the session has a terminal", async () => {
    assert.deepEqual(await loading(`${up} 2>&1 | cat`), ["vllm: loading"]);
  });
});
