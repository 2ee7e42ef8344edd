import * as pulumi from "@pulumi/pulumi";
import type { GateTarget, Phase } from "./contract";
import type { Diagnosis } from "./diagnose";
import type { Snapshot } from "./snapshot";

/** Writes one line: a passing one shows in the live tree only, a lasting one stays. */
export type Write = (text: string, lasting: boolean) => void;

/** Time between two lines of a phase that lasts, where nobody watches live, in ms. */
const lineEveryMs = 60_000;

/**
 * Shows where a start-up stands: live on a terminal, else a line at each change of phase and one a minute. The CLI prints passing
 * lines in a log, too, so there they are left out.
 */
export class Progress {
  private phase: Phase | undefined;
  private began: number | undefined;
  private lastLine = 0;
  private lastText = "";
  private warned = false;

  constructor(
    private readonly target: GateTarget,
    private readonly write: Write,
    private readonly warn: (text: string) => void,
    private readonly live: boolean,
    private readonly now: () => number,
  ) {}

  show(diagnosis: Diagnosis, snapshot: Snapshot): void {
    this.began ??= this.now();
    this.nameMissingRights(snapshot);
    const changed = diagnosis.phase !== this.phase;
    this.phase = diagnosis.phase;
    this.line(this.text(diagnosis), changed);
  }

  lost(reason: string, seconds: number): void {
    this.line(
      `${this.target.component}: the cluster has not answered for ${duration(seconds)} (${reason}); still waiting`,
      seconds === 0,
    );
  }

  private text({ phase, phaseSeconds, detail, verdict, obstacle }: Diagnosis): string {
    if (phase === "ready") {
      const seconds = Math.round((this.now() - (this.began ?? this.now())) / 1000);
      return `${this.target.component}: ready after ${duration(seconds)}: ${detail}`;
    }
    const since = phaseSeconds > 0 ? ` for ${duration(phaseSeconds)}` : "";
    const soFar = verdict.kind === "waiting" && obstacle ? ` (so far: ${obstacle.symptom.title})` : "";
    return `${this.target.component}: ${phase}${since}: ${detail}${soFar}`;
  }

  private line(text: string, changed: boolean): void {
    if (text === this.lastText) return;
    const due = changed || this.now() - this.lastLine >= lineEveryMs;
    if (!this.live && !due) return;
    if (due) this.lastLine = this.now();
    this.lastText = text;
    this.write(text, !this.live);
  }

  private nameMissingRights(snapshot: Snapshot): void {
    if (this.warned || snapshot.missingRights.length === 0) return;
    this.warned = true;
    const rights = snapshot.missingRights.join(", ");
    this.warn(
      `No right to ${rights} (namespace ${this.target.namespace}): less can be said of why a start-up fails; ` +
        "ask for the role 'view', and 'cluster-reader' for nodes.",
    );
  }
}

/** Writes beside the resource of a hook, which is known by its URN alone. */
export function resourceLog(urn: string): { write: Write; warn: (text: string) => void } {
  // The log asks nothing of a resource but its URN.
  const resource = { urn: pulumi.output(urn) } as unknown as pulumi.Resource;
  return {
    write: (text, lasting) => void pulumi.log.info(text, resource, undefined, !lasting),
    warn: (text) => void pulumi.log.warn(text, resource),
  };
}

/** Seconds in words: `45 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
