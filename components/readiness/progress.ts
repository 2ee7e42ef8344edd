import * as pulumi from "@pulumi/pulumi";
import type { GateTarget, Phase } from "./contract";
import type { Diagnosis } from "./diagnose";
import type { Snapshot } from "./snapshot";

/** Shows where a start-up stands: at once in the live tree, and as a lasting line at each change of phase and once a minute. */
export class Progress {
  private phase: Phase | undefined;
  private lastLine = 0;
  private lastShown = "";
  private warned = false;

  constructor(
    private readonly target: GateTarget,
    private readonly urn: string,
  ) {}

  show(diagnosis: Diagnosis, snapshot: Snapshot): void {
    const text = `${this.target.component}: ${diagnosis.phase} ${duration(diagnosis.phaseSeconds)}: ${diagnosis.detail}`;
    this.rights(snapshot);
    const changed = diagnosis.phase !== this.phase;
    if (changed || Date.now() - this.lastLine >= 60_000) {
      this.phase = diagnosis.phase;
      this.lastLine = Date.now();
      this.write(text, false);
    } else if (text !== this.lastShown) {
      this.write(text, true);
    }
    this.lastShown = text;
  }

  lost(reason: string, seconds: number): void {
    this.write(
      `${this.target.component}: the cluster has not answered for ${seconds} s (${reason}); still waiting`,
      seconds % 60 !== 0,
    );
  }

  private rights(snapshot: Snapshot): void {
    if (this.warned || snapshot.missingRights.length === 0) return;
    this.warned = true;
    const rights = snapshot.missingRights.join(", ");
    void pulumi.log.warn(
      `No right to ${rights} in namespace ${this.target.namespace}: less can be seen of why a start-up fails.`,
    );
  }

  private write(text: string, ephemeral: boolean): void {
    void pulumi.log.info(text, this.resource(), undefined, ephemeral);
  }

  /** The hook knows its resource only by URN; the log asks nothing else of a resource. */
  private resource(): pulumi.Resource {
    return { urn: pulumi.output(this.urn) } as unknown as pulumi.Resource;
  }
}

/** Seconds in words: `45 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
