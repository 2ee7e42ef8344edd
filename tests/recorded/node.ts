/** What a real kubelet and the API said of one fault after another (tests/real/record.ts), as a cluster that tells it over time. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import { parse } from "yaml";

export interface NodeRecording {
  readonly fault: string;
  readonly what: string;
  readonly pod: V1Pod;
  /** The pod's statuses, with the seconds after which each was seen. */
  readonly statuses: readonly { readonly seconds: number; readonly status: object }[];
  readonly events: readonly CoreV1Event[];
  readonly logs: Readonly<Record<string, { readonly current?: string; readonly previous?: string }>>;
}

const folder = path.join(__dirname, "node");

export function nodeRecordings(): NodeRecording[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), "utf8")) as NodeRecording);
}

/** What each must be called, and within how many seconds of the kubelet's first word of it; nothing where it may still come up. */
export const nodeExpectations = parse(readFileSync(path.join(folder, "expected.yaml"), "utf8")) as Record<
  string,
  { symptom?: string; within?: number }
>;

/** The pod as it was at this second. */
export function podAt({ pod, statuses }: NodeRecording, second: number): object {
  const { status } = statuses.findLast(({ seconds }) => seconds <= second) ?? { status: {} };
  return { ...pod, status };
}

/** The events that were there by then. */
export function eventsAt({ pod, events }: NodeRecording, second: number): CoreV1Event[] {
  const began = Date.parse(String(pod.metadata?.creationTimestamp));
  return events.filter(
    ({ firstTimestamp, eventTime }) => Date.parse(String(firstTimestamp ?? eventTime)) <= began + second * 1000,
  );
}

/** The second at which the kubelet first said that something is wrong: in the pod's status, where that says it at all. */
export function reportedAt({ pod, statuses, events }: NodeRecording): number {
  const began = Date.parse(String(pod.metadata?.creationTimestamp));
  const told = statuses.find(({ status }) =>
    /"exitCode":[1-9]|"reason":"(Err|Create\w+Error|Image\w+)/.test(JSON.stringify(status)),
  );
  const warned = events
    .filter(({ type }) => type === "Warning")
    .map(({ firstTimestamp }) => Date.parse(String(firstTimestamp)));
  return told?.seconds ?? (Math.min(...warned) - began) / 1000;
}
