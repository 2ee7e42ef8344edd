/**
 * A preview's report for a reviewer. Every text of the report may be a stranger's, so it stands in a code span, in which Markdown knows
 * no links, no mentions and no HTML. Pure.
 */
import { type Change, isAcceptable, type PreviewReport } from "./report";

/** The first line of the comment, by which the next one finds it. */
export const marker = "<!-- preview of the stacks -->";

export function markdown(report: PreviewReport): string {
  return [
    `### ${code(report.stack)}: ${headline(report)}`,
    ...refusal(report),
    ...failure(report),
    ...restart(report),
    ...rollout(report),
    ...section("What would be lost", report.losses.map(code)),
    ...changes(report),
    ...section(
      "Outputs",
      report.outputs.map(({ path, before, after }) => `${code(path)}: ${value(before)} → ${value(after)}`),
    ),
    ...section("What the program says", report.notes.map(code)),
    ...policies(report),
    ...base(report),
  ].join("\n\n");
}

function headline(report: PreviewReport): string {
  const { changes, restart, rollout, losses, errors, refusal } = report;
  if (errors.length > 0) return "**the preview fails**";
  if (refusal?.isNew) return "**this change makes it impossible to deploy**";
  const counts = (["create", "update", "replace", "delete"] as const).flatMap((operation) => {
    const count = changes.filter((change) => change.operation === operation).length;
    return count > 0 ? [`${count} to ${operation}`] : [];
  });
  const parts = counts.length > 0 ? counts : ["nothing changes"];
  if (restart) parts.push(`**${named(restart)} is away meanwhile**`);
  if (rollout) parts.push("the gateway's pods are replaced without an outage");
  if (losses.length > 0) parts.push("**something is lost**");
  return parts.join(", ");
}

function refusal({ refusal: refused }: PreviewReport): string[] {
  if (!refused) return [];
  const since = refused.isNew ? "New with this change: the" : "As before this change, the";
  const standIn = "What follows is previewed with a made-up digest of its image.";
  return [`${since} program refuses this stack as its file stands:`, block(refused.text), standIn];
}

function failure({ errors }: PreviewReport): string[] {
  return errors.length === 0 ? [] : ["The preview ended with", block(errors.join("\n\n"))];
}

function restart({ restart: outage }: PreviewReport): string[] {
  if (!outage) return [];
  if (outage.phases.length === 0) return [`**${capital(named(outage))} goes away**, and no other takes its place.`];
  const total = outage.phases.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    `**${capital(named(outage))} restarts** and answers nothing meanwhile, for at most ${duration(total)} by the stack's own limits ` +
      "(how long it takes is up to the cluster, and a node without the image pulls it first):",
    outage.phases.map(({ what, seconds }) => `- ${code(what)}: up to ${duration(seconds)}`).join("\n"),
    because(outage),
  ];
}

type Outage = NonNullable<PreviewReport["restart"]>;

/** What restarts; of several models, each at the same time, by their names. */
function named({ of, names }: Outage): string {
  if (names === undefined) return `the ${of}`;
  return names.length === 1 ? `the model ${code(names[0]!)}` : `each of the models ${names.map(code).join(", ")}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function rollout({ rollout: rolled }: PreviewReport): string[] {
  if (!rolled) return [];
  const cut = `An answer that takes longer than ${duration(rolled.stopSeconds)} after its pod was told to stop is cut off.`;
  return [
    `**The gateway's pods are replaced one by one**: an old one answers until a new one does. ${cut}`,
    because(rolled),
  ];
}

function because({ because: all }: { because: readonly string[] }): string {
  return `Because of ${all.slice(0, 10).map(code).join(", ")}${all.length > 10 ? ", …" : ""}.`;
}

function changes({ changes: all }: PreviewReport): string[] {
  if (all.length === 0) return [];
  const rows = all.flatMap(({ operation, kind, name, fields }: Change) => {
    const what = `${code(kind)} ${code(name)}`;
    if (fields.length === 0) return [`| ${operation} | ${what} | | | |`];
    return fields.map(({ path, before, after }, index) => {
      const first = index === 0 ? `${operation} | ${what}` : " | ";
      return `| ${first} | ${code(path)} | ${value(before)} | ${value(after)} |`;
    });
  });
  return [["| | What | Field | Before | After |", "| --- | --- | --- | --- | --- |", ...rows].join("\n")];
}

function policies({ policies: { packs, findings } }: PreviewReport): string[] {
  if (packs.length === 0) return ["No policy pack has judged this preview."];
  if (findings.length === 0) return [`${packs.map(code).join(", ")}: no objection.`];
  return section(
    `${packs.map(code).join(", ")}`,
    findings.map(({ policy, level, message }) => `${level} ${code(policy)}: ${code(specific(message))}`),
  );
}

/** A policy's message begins with what the policy wants, and goes on with what is wrong. */
function specific(message: string): string {
  const [first = "", ...rest] = message.split("\n");
  return rest.length > 0 ? rest.join(" ") : first;
}

function base({ base: { commit, state, notes } }: PreviewReport): string[] {
  const at = code(commit.slice(0, 12));
  const told = {
    deployed: `Against ${at}, deployed on an embedded cluster. No cluster of yours was asked, no secret was used.`,
    partly: `Against ${at}, whose \`up\` on the embedded cluster did not come to its end: some of what is to be created may exist.`,
    unknown: `It was to be against ${at}, and nothing of it was previewed.`,
    absent: `${at} has no such stack: everything is shown as new.`,
    unreadable: `${at} has a file of this stack that cannot be read: everything is shown as new.`,
  }[state];
  return [`<sub>${told}</sub>`, ...(notes.length > 0 ? [notes.map((note) => `- ${code(note)}`).join("\n")] : [])];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`**${title}**`, lines.map((line) => `- ${line}`).join("\n")];
}

const value = (text: string | undefined): string => (text === undefined ? "" : code(text));

/** Foreign text in a line: backticks would end the span, a bar the table's cell. */
export function code(text: string): string {
  const line = printable(text).replaceAll(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|").trim();
  return line === "" ? "" : `\`${line.length > 300 ? `${line.slice(0, 299)}…` : line}\``;
}

/** Foreign text of several lines. */
function block(text: string): string {
  return `\`\`\`text\n${printable(text).replaceAll("`", "'").slice(0, 4_000)}\n\`\`\``;
}

/** Control characters and those that turn the direction of writing hide what a reviewer should see. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\n" ? character : " "));
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

/** All reports as one text, cut at a paragraph where a comment could not hold it. */
export function summary(reports: readonly PreviewReport[], longest = 60_000): string {
  const verdict = reports.every(isAcceptable) ? "" : " **Not to be merged as it is.**";
  const text = [`## What this change does to the stacks${verdict}`, ...reports.map(markdown)].join("\n\n");
  if (text.length <= longest) return `${text}\n`;
  const kept = text.slice(0, text.lastIndexOf("\n", longest));
  // Within foreign text no line begins with backticks: an odd fence is an open one.
  const isOpen = (kept.match(/^```/gm) ?? []).length % 2 === 1;
  return `${kept}${isOpen ? "\n```" : ""}\n\n… and more: see the summary of the run.\n`;
}
