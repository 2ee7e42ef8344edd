import assert from "node:assert/strict";
import { faultList } from "../../../local/commands/fault";
import { readStatus } from "../../../local/commands/serving";
import { faults } from "../../../local/simulation/faults";

describe("what `npm run local` sees after an `up` that changed nothing", () => {
  const status = { ready: true, phase: "ready", detail: "pod vllm-1 is Ready", trouble: [], drift: [] };

  it("is nothing where the model serves and nobody has changed anything", () => {
    assert.deepEqual(readStatus(JSON.stringify(status), ""), {
      changed: [],
      trouble: undefined,
      starting: false,
    });
  });

  it("is what somebody has changed since", () => {
    const drift = [{ kind: "Service", name: "vllm", problem: "missing", detail: "does not exist" }];
    assert.deepEqual(readStatus(JSON.stringify({ ...status, drift }), "").changed, ["Service vllm: does not exist"]);
  });

  it("is why the model does not serve", () => {
    const trouble = [{ title: "the GPU is not usable", evidence: "container server ended with exit code 1" }];
    const found = { ...status, ready: false, phase: "loading", detail: "server: CrashLoopBackOff", trouble };
    assert.equal(
      readStatus(JSON.stringify(found), "").trouble,
      "loading: server: CrashLoopBackOff\n  the GPU is not usable: container server ended with exit code 1",
    );
  });

  it("is whether it needs but time: nothing is known to stand in its way", () => {
    const starting = (more: object): boolean =>
      readStatus(JSON.stringify({ ...status, ready: false, phase: "loading", ...more }), "").starting;
    assert.equal(starting({}), true);
    assert.equal(starting({ trouble: [{ title: "the GPU is not usable", evidence: "exit code 1" }] }), false);
  });

  for (const [how, out, err] of [
    ["in JSON", '{ "error": "The API server does not answer." }', ""],
    ["in words", "", "The API server does not answer.\n"],
  ] as const) {
    it(`is an error, told ${how}, where it cannot look`, () => {
      assert.throws(() => readStatus(out, err), {
        name: "UserError",
        message: "Whether the model serves cannot be told: The API server does not answer.",
      });
    });
  }
});

describe("the list of faults", () => {
  it("says what each shows, and marks the one that is set", () => {
    const lines = faultList("server-cuda").split("\n");
    assert.equal(lines.length, Object.keys(faults).length + 1);
    for (const line of lines) assert.match(line, /^[* ] [\w-]+ {2,}\S/);
    const set = lines.filter((line) => line.startsWith("*"));
    assert.equal(set.length, 1);
    assert.match(set[0] ?? "", /^\* server-cuda +the GPU/);
    assert.match(faultList(undefined), /^\* none /);
  });
});
