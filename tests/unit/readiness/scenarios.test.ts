import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { play, type Scenario } from "./play";

const folder = path.join(__dirname, "scenarios");

for (const file of readdirSync(folder).sort()) {
  describe(`start-ups as the cluster tells them: ${path.basename(file, ".yaml")}`, () => {
    for (const scenario of parse(readFileSync(path.join(folder, file), "utf8")) as Scenario[]) {
      it(scenario.title, () => check(scenario));
    }
  });
}

function check(scenario: Scenario): void {
  const { expect } = scenario;
  const { diagnosis, seconds, phases } = play(scenario);
  const { verdict } = diagnosis;
  const doomed = verdict.kind === "doomed" ? verdict : undefined;
  const said = `${doomed?.finding.symptom.id ?? diagnosis.obstacle?.symptom.id}: ${doomed?.finding.evidence ?? diagnosis.detail}`;
  assert.equal(verdict.kind, expect.verdict, `after ${seconds} s, ${said}`);
  if (expect.symptom !== undefined) assert.equal(doomed?.finding.symptom.id, expect.symptom, said);
  if (expect.container !== undefined) assert.equal(doomed?.finding.container, expect.container);
  if (expect.evidence !== undefined) assert.ok(doomed?.finding.evidence.includes(expect.evidence), said);
  if (expect.overLimit !== undefined)
    assert.ok(doomed?.overLimit?.startsWith(expect.overLimit), doomed?.overLimit ?? "no limit");
  else assert.equal(doomed?.overLimit, undefined);
  if (expect.notBefore !== undefined) assert.ok(seconds >= expect.notBefore, `judged after ${seconds} s`);
  if (expect.phases !== undefined) assert.deepEqual(phases, expect.phases);
  if (expect.detail !== undefined) assert.ok(diagnosis.detail.includes(expect.detail), diagnosis.detail);
  if (expect.within !== undefined) {
    const reported = scenario.steps.find((step) => step.reported)?.at;
    assert.ok(reported !== undefined, "a scenario with `within` marks the step in which the cluster reports it");
    assert.ok(seconds - reported <= expect.within, `judged ${seconds - reported} s after the cluster had reported it`);
  }
}
