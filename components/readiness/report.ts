import { targetedLine, targetedText } from "../cluster/commands";
import type { ClusterConnection } from "../cluster/connection";
import type { Diagnosis } from "./diagnose";
import type { GateTarget } from "./contract";
import { excerpt } from "./crash";
import { endedWords } from "./exits";
import type { Finding } from "./finding";
import type { Snapshot } from "./snapshot";

/** By what names its commands mean this deployment. */
export interface ReportTarget {
  connection: ClusterConnection;
  stack: string;
  /** It has been up before, so that the stack has outputs; Pulumi shows them as removed after a failure, and keeps them. */
  again?: boolean;
}

/** The paragraph that ends a doomed `up`: what, where, what it said, what to do on this cluster. */
export function report(
  diagnosis: Diagnosis,
  snapshot: Snapshot,
  target: GateTarget,
  { connection, stack, again }: ReportTarget,
): string {
  if (diagnosis.verdict.kind !== "doomed") throw new Error("only a doomed start-up is reported");
  const { finding, overLimit } = diagnosis.verdict;
  const { symptom } = finding;
  const lines = [
    overLimit === undefined
      ? `${target.component} cannot start: ${symptom.title}.`
      : `${target.component} is not ready: ${overLimit}; most likely ${symptom.title}.`,
    `  Where: ${where(finding, target)}`,
    `  Said: ${oneLine(finding.evidence)}`,
  ];
  const log = lastWords(finding, snapshot);
  if (log.length > 0)
    lines.push(
      finding.root === undefined ? "  Its last lines:" : "  Its log, where it says so:",
      ...log.map((line) => `    | ${line}`),
    );
  lines.push(
    `  Read more: ${targetedLine(readMore(finding, target), { connection })}`,
    `  What to do: ${targetedText(symptom.remedy, { stack, connection })}.`,
  );
  if (snapshot.missingRights.length > 0) {
    lines.push(`  Not seen for want of rights in namespace ${target.namespace}: ${snapshot.missingRights.join(", ")}.`);
  }
  const kept = again === true ? ", the outputs too that are shown with a minus" : "";
  lines.push(`  Then run the same \`pulumi up --stack ${stack}\` again: what is there already is kept${kept}.`);
  return lines.join("\n");
}

/** Which object a finding is about. */
export function where(finding: Finding, target: GateTarget): string {
  const namespace = `namespace ${target.namespace}`;
  if (finding.container !== undefined)
    return `container ${finding.container} of pod ${finding.pod ?? "?"}, ${namespace}`;
  if (finding.pod !== undefined) return `pod ${finding.pod}, ${namespace}`;
  if (finding.symptom.area === "volume") return `claim ${target.claim}, ${namespace}`;
  if (finding.symptom.area === "route") return `Route ${target.route ?? "?"}, ${namespace}`;
  return `Deployment ${target.deployment}, ${namespace}`;
}

/** What the container that a finding is about said of it: the cause with a little around it, else its last lines. */
export function lastWords(finding: Finding, snapshot: Snapshot): string[] {
  if (finding.said) return finding.said;
  const pod = snapshot.pods.find((candidate) => candidate.name === finding.pod);
  const container = pod?.containers?.find((candidate) => candidate.name === finding.container);
  if (!pod || !container) return [];
  const ended = container.terminated ?? container.last;
  const words = ended ? endedWords(pod, container, snapshot) : (snapshot.logs[`${pod.name}/${container.name}`] ?? []);
  return excerpt(words, undefined);
}

/** The command that shows more. */
export function readMore(finding: Finding, target: GateTarget): string {
  const ns = `-n ${target.namespace}`;
  const started = ["downloader", "server"].includes(finding.symptom.area);
  if (started && finding.pod !== undefined && finding.container !== undefined) {
    return `kubectl logs ${ns} ${finding.pod} -c ${finding.container} --previous   # without --previous while it runs`;
  }
  if (finding.pod !== undefined) return `kubectl describe pod ${ns} ${finding.pod}`;
  if (finding.symptom.area === "volume") return `kubectl describe pvc ${ns} ${target.claim}`;
  if (finding.symptom.area === "route") return `kubectl describe route ${ns} ${target.route ?? ""}`;
  if (finding.symptom.area === "admission") return `kubectl get events ${ns} --field-selector reason=FailedCreate`;
  return `kubectl describe deployment ${ns} ${target.deployment}`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").slice(0, 600);
}
