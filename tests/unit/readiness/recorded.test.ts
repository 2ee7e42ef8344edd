/** The real server's crashes, as the kubelet and the API tell of them: the verdict and the exit after which it falls. */
import assert from "node:assert/strict";
import { expectations, expectedOf, type Recording, recordings, terminationMessage } from "../../recorded/recordings";
import { symptoms } from "../../../components/symptoms";
import { redactLines } from "../../../components/text/redact";
import { faults } from "../../recorded/faults";
import { play, type Step } from "./play";

const all = recordings();
const [firstExit, secondExit, end] = [20, 80, 100];

/** Two runs that end alike. */
function steps({ lines, exitCode, reason }: Recording): Step[] {
  const ended = { exitCode: exitCode ?? 0, reason, message: terminationMessage(lines) };
  // As the gate reads it: vLLM 0.13 writes colours into its log, for whoever reads.
  const logs = { server: redactLines(lines.join("\n")) };
  return [
    { at: 0, pod: "loading" },
    { at: firstExit, containers: { server: { exit: ended } }, logs },
    { at: secondExit - 10, containers: { server: { running: true, restarts: 1, last: ended } }, logs: { server: [] } },
    { at: secondExit, containers: { server: { exit: ended, restarts: 1 } }, logs },
  ];
}

/** `server-… at first`, as expected.yaml has it; what is not doomed is `waiting`. */
function judged(recording: Recording): string {
  const title = `${recording.version} ${recording.fault}`;
  const { diagnosis, seconds } = play({ title, steps: steps(recording), until: end, expect: { verdict: "doomed" } });
  if (diagnosis.verdict.kind !== "doomed") return "waiting";
  return `${diagnosis.verdict.finding.symptom.id} at ${seconds < secondExit - 10 ? "first" : "second"}`;
}

for (const version of [...new Set(all.map((each) => each.version))]) {
  describe(`crashes of vLLM ${version}, recorded`, () => {
    for (const recording of all.filter(
      (each) => each.version === version && each.exitCode !== null && each.exitCode !== 0,
    )) {
      const expected = expectedOf(recording);
      const called = `${expected?.symptom} at ${expected?.at}`;
      it(`${recording.fault}: ${called}${expected?.open ? " (not yet)" : ""}`, () => {
        assert.ok(expected, "expected.yaml says what each recorded fault must be called");
        if (expected.open) assert.notEqual(judged(recording), called, "take the mark `open` away in expected.yaml");
        else assert.equal(judged(recording), called);
      });
    }
  });
}

describe("the rows of the server", () => {
  for (const { id, area, source } of symptoms) {
    if (area !== "server") continue;
    const versions = [...new Set(all.filter((each) => expectedOf(each)?.symptom === id).map(({ version }) => version))];
    if (versions.length === 0 && !("recorded" in source && source.recorded.startsWith("vLLM"))) continue;
    it(`${id} names the versions that it was recorded from`, () => {
      assert.deepEqual(source, { recorded: `vLLM ${versions.sort().join(", ")}` });
    });
  }
});

describe("the recordings", () => {
  it("are of faults that faults.yaml names, and each of those has an expectation or shows none", () => {
    for (const { fault } of all) assert.ok(fault in faults, fault);
    for (const fault of Object.keys(expectations)) assert.ok(fault in faults, fault);
  });

  it("show no path of the machine that made them", () => {
    for (const { lines, fault } of all)
      assert.doesNotMatch(lines.join("\n"), /\/root\/\.|\/home\/|\.cache\/vllm-on/, fault);
  });
});
