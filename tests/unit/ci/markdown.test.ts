import assert from "node:assert/strict";
import { markdown, summary } from "../../../ci/markdown";
import { bounded, failedReport, isAcceptable, type PreviewReport, reportSchema } from "../../../ci/report";
import { deployment, report } from "./samples";

describe("the reviewer's text", () => {
  it("says when nothing changes, and what it was compared with", () => {
    assert.equal(
      markdown(report),
      [
        "### `dev`: nothing changes",
        "`vllm-policies`: no objection.",
        "<sub>Against `0123456789ab`, deployed on an embedded cluster. No cluster of yours was asked, no secret was used.</sub>",
      ].join("\n\n"),
    );
  });

  it("says all that was simulated or made up, each on its own", () => {
    const notes = ["first", "second"].map((note) => `${note} ${"x".repeat(200)}`);
    const text = markdown({ ...report, base: { ...report.base, notes } });
    assert.ok(text.endsWith(`</sub>\n\n- \`${notes[0]}\`\n- \`${notes[1]}\``), text);
  });

  it("says that the base commit's file could not be read, and which", () => {
    const base = { ...report.base, state: "unreadable" as const, notes: ["Pulumi.dev.yaml cannot be read: x"] };
    assert.match(
      markdown({ ...report, base }),
      /cannot be read: everything is shown as new\.<\/sub>\n\n- `Pulumi\.dev/,
    );
  });

  it("does not take the silence of no pack for consent", () => {
    assert.match(markdown({ ...report, policies: { packs: [], findings: [] } }), /No policy pack has judged/);
  });

  it("reports a refusal as what it is: old or new", () => {
    const refused = (isNew: boolean): PreviewReport => ({
      ...report,
      stack: "prod",
      refusal: { text: "'image' must name a digest", isNew },
    });
    assert.match(markdown(refused(false)), /As before this change, the program refuses this stack/);
    assert.match(markdown(refused(true)), /makes it impossible to deploy/);
    assert.deepEqual([isAcceptable(refused(false)), isAcceptable(refused(true))], [true, false]);
  });

  it("lets a stranger's text do nothing: no mention, no link, no HTML, no table cell, no end of its span", () => {
    const attack = "`@everyone` <img src=x> [a](https://x.example) | b\n\n# c \u202Etxt";
    const text = markdown({
      ...report,
      base: { ...report.base, notes: [attack] },
      refusal: { text: attack, isNew: false },
      rollout: { because: [attack], stopSeconds: 300 },
      restart: { of: "model", because: [attack], phases: [{ what: attack, seconds: 60 }] },
      outputs: [{ path: attack, before: attack, after: attack }],
      notes: [attack],
      errors: [`\`\`\`\n${attack}`],
      changes: [{ operation: "update", kind: attack, name: attack, fields: [{ path: attack, before: attack }] }],
      losses: [attack],
      policies: { packs: [attack], findings: [{ policy: attack, level: "mandatory", message: attack }] },
    });
    const outside = text
      .replaceAll(/^```text\n[^`]*\n```$/gm, "")
      .split("\n")
      .map((line) => line.replaceAll(/`[^`]*`/g, ""))
      .join("\n");
    assert.doesNotMatch(outside, /everyone|img|x\.example|# c|`/);
    assert.doesNotMatch(text, /\u202E/);
  });

  it("is cut at a line's end where a comment cannot hold it", () => {
    const notes = Array.from({ length: 50 }, (_, index) => `note ${index} ${"x".repeat(250)}`);
    const text = summary([{ ...report, notes }], 3_000);
    assert.ok(text.length < 3_100);
    assert.match(text, /`\n\n… and more: see the summary of the run\.\n$/);
  });

  it("closes the foreign text in which it is cut", () => {
    const errors = [Array.from({ length: 50 }, () => "x".repeat(50)).join("\n")];
    assert.match(summary([{ ...report, errors }], 1_000), /x\n```\n\n… and more/);
    const [whole, later] = [
      { ...report, errors: ["short"] },
      { ...report, losses: Array.from({ length: 50 }, () => "y") },
    ];
    assert.doesNotMatch(summary([whole, later], 500), /```\n\n… and more/);
  });

  it("comes only from a report of the known shape", () => {
    assert.ok(reportSchema.safeParse(report).success);
    assert.ok(!reportSchema.safeParse({ ...report, pullRequest: 7 }).success);
    assert.ok(!reportSchema.safeParse({ ...report, stack: "x".repeat(101) }).success);
  });
});

describe("a report that its readers take", () => {
  it("is cut where a text or a list is longer than they allow", () => {
    const long = "x".repeat(9_000);
    const changes = Array.from({ length: 600 }, () => deployment(long));
    const whole = { ...report, changes, refusal: { text: `${long}\n\n${long}`, isNew: true }, errors: [long, "short"] };
    assert.equal(reportSchema.safeParse(whole).success, false);
    const cut = bounded(whole);
    assert.equal(reportSchema.safeParse(cut).success, true);
    assert.deepEqual([cut.changes.length, cut.refusal?.text.length, cut.errors[1]], [500, 4_000, "short"]);
    assert.equal(whole.changes.length, 600);
  });

  it("is there also for a stack whose preview could not begin", () => {
    const failed = bounded(failedReport("dev", "0123456789abcdef", "pulumi stack init failed: no `disk`"));
    assert.equal(isAcceptable(failed), false);
    assert.match(markdown(failed), /^### `dev`: \*\*the preview fails\*\*[\s\S]*pulumi stack init failed: no 'disk'/);
    assert.match(
      markdown(failed),
      /\n<sub>It was to be against `0123456789ab`, and nothing of it was previewed\.<\/sub>$/,
    );
    assert.doesNotMatch(markdown(failed), /did not come to its end/);
  });
});
