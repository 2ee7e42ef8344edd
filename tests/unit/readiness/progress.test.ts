import assert from "node:assert/strict";
import type { Diagnosis } from "../../../components/readiness/diagnose";
import { duration, Progress } from "../../../components/readiness/progress";
import { emptySnapshot } from "../../../components/readiness/snapshot";
import { target } from "./play";

const waiting = (phase: Diagnosis["phase"], phaseSeconds: number, detail: string): Diagnosis => ({
  phase,
  phaseSeconds,
  detail,
  verdict: { kind: "waiting" },
});

/** What is written when a download of three minutes is shown every ten seconds. */
function lines(live: boolean): string[] {
  let seconds = 0;
  const written: string[] = [];
  const write = (text: string, lasting: boolean): unknown => written.push(`${lasting ? "" : "~ "}${text}`);
  const progress = new Progress(
    target,
    write,
    (text) => written.push(`warning: ${text}`),
    live,
    () => seconds * 1000,
  );
  for (; seconds <= 150; seconds += 10) {
    progress.show(waiting("downloading", seconds, `${seconds} of 150 MB`), emptySnapshot(0));
  }
  progress.show({ ...waiting("ready", 0, "pod vllm-1 is Ready"), verdict: { kind: "ready" } }, emptySnapshot(0));
  return written;
}

describe("what is shown while a start-up lasts", () => {
  it("is a line at each change of phase and one a minute in a log", () => {
    assert.deepEqual(lines(false), [
      "vllm: downloading: 0 of 150 MB",
      "vllm: downloading for 1 min 0 s: 60 of 150 MB",
      "vllm: downloading for 2 min 0 s: 120 of 150 MB",
      "vllm: ready after 2 min 40 s: pod vllm-1 is Ready",
    ]);
  });

  it("is every change on a terminal, and nothing of it stays", () => {
    const written = lines(true);
    assert.equal(written.length, 17);
    assert.ok(written.every((line) => line.startsWith("~ ")));
  });

  it("warns once of the rights that are missing", () => {
    const warnings: string[] = [];
    const progress = new Progress(
      target,
      () => undefined,
      (text) => warnings.push(text),
      false,
      () => 0,
    );
    const snapshot = { ...emptySnapshot(0), missingRights: ["list events"] };
    progress.show(waiting("loading", 0, ""), snapshot);
    progress.show(waiting("loading", 1, ""), snapshot);
    assert.deepEqual(warnings, [
      "No right to list events (namespace vllm-inference): less can be said of why a start-up fails; ask for the role 'view', and " +
        "'cluster-reader' for nodes.",
    ]);
  });

  it("gives durations in minutes and seconds", () => {
    assert.deepEqual([0, 59, 60, 754].map(duration), ["0 s", "59 s", "1 min 0 s", "12 min 34 s"]);
  });
});
