/**
 * Every recorded sequence and the reported ones that come up, watched as `up` watches them: the verdict, and the seconds after the cluster's
 * report. docs/data/diagnosis.json has what came out, from which docs/faults.md has its table; `TEST_UPDATE=1` writes it.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { nodeExpectations, nodeRecordings } from "../../recorded/node";
import { expectedOf, recordings } from "../../recorded/recordings";
import { faults } from "../../recorded/faults";
import { play, type Scenario } from "./play";
import { type Judged, toldByNode, toldByServer, watched } from "./watched";

const file = path.resolve(__dirname, "../../../docs/data/diagnosis.json");

/** A row of the table. */
interface Row {
  sequence: string;
  /** The program whose words they are. */
  by: string;
  verdict: string;
  /** Seconds from the report that counts to the verdict; null where nothing was reported. */
  seconds: number | null;
}

const update = process.env["TEST_UPDATE"] !== undefined;
const wanted = update ? [] : (JSON.parse(readFileSync(file, "utf8")) as Row[]);
const rows: Row[] = [];

function is(row: Row): void {
  rows.push(row);
  const known = wanted.find(({ sequence, by }) => sequence === row.sequence && by === row.by);
  if (!update) assert.deepEqual(row, known);
}

/** The report that the verdict answers: the last one before it. */
function after({ at }: Judged, reported: readonly number[]): { exit: number; seconds: number | null } {
  const before = reported.filter((second) => second <= at);
  const seconds = at - (before.at(-1) ?? NaN);
  return { exit: before.length, seconds: Number.isNaN(seconds) ? null : Math.round(seconds * 10) / 10 };
}

/** Seconds within which the verdict on what no wait heals must fall; writing the report and ending `up` takes the rest of five. */
const atMost = 4;

describe("each recorded sequence", () => {
  for (const recording of recordings()) {
    const { version, fault, exitCode } = recording;
    // What ends after it has served is no start-up any more.
    if (!exitCode && expectedOf(recording)) continue;
    const sequence = faults[fault]?.what ?? fault;
    it(`vLLM ${version}, ${fault}`, async () => {
      const expected = expectedOf(recording);
      const told = toldByServer(recording);
      const judged = await watched(told, 120);
      const { exit, seconds } = after(judged, told.reported);
      const by = `vLLM ${version}`;
      if (!exitCode) {
        assert.equal(judged.verdict, "ready");
        return is({ sequence, by, verdict: "comes up", seconds: null });
      }
      assert.deepEqual(
        [judged.verdict, judged.finding?.symptom.id, exit],
        ["doomed", expected?.symptom, expected?.at === "first" ? 1 : 2],
      );
      assert.ok(seconds !== null && seconds <= atMost, `${seconds} s`);
      is({ sequence, by, verdict: `\`${expected?.symptom}\`, exit ${exit}`, seconds });
    });
  }

  for (const recording of nodeRecordings()) {
    it(`a kubelet, ${recording.fault}`, async () => {
      const expected = nodeExpectations[recording.fault];
      assert.ok(expected, "expected.yaml says what it must be called");
      const told = toldByNode(recording);
      const judged = await watched(told);
      const by = "a kubelet 1.34.2";
      if (expected.symptom === undefined) {
        assert.notEqual(judged.verdict, "doomed", JSON.stringify(judged));
        return is({ sequence: recording.what, by, verdict: "waits", seconds: null });
      }
      const { seconds } = after(judged, told.reported);
      assert.deepEqual([judged.verdict, judged.finding?.symptom.id], ["doomed", expected.symptom]);
      assert.ok(seconds !== null && seconds <= (expected.within ?? 0), `${seconds} s`);
      is({ sequence: recording.what, by, verdict: `\`${expected.symptom}\``, seconds });
    });
  }
});

describe("each reported sequence that is no doom", () => {
  const folder = path.join(__dirname, "scenarios");
  for (const name of readdirSync(folder).sort()) {
    for (const scenario of parse(readFileSync(path.join(folder, name), "utf8")) as Scenario[]) {
      if (scenario.expect.verdict === "doomed") continue;
      it(scenario.title, () => {
        const { diagnosis } = play(scenario);
        assert.equal(diagnosis.verdict.kind, scenario.expect.verdict);
        const verdict = scenario.expect.verdict === "ready" ? "comes up" : "waits";
        is({ sequence: scenario.title.replace(" (no doom)", ""), by: "reported", verdict, seconds: null });
      });
    }
  }
});

describe("the table of what `up` says, and when", () => {
  it("holds every sequence, and no other", () => {
    if (update) writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
    else assert.equal(rows.length, wanted.length);
  });
});
