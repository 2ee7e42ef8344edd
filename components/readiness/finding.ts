import type { Symptom } from "../symptoms";

/** Something that can doom the start-up, if it stays. */
export interface Finding {
  symptom: Symptom;
  /** What the cluster said. */
  evidence: string;
  pod?: string;
  container?: string;
  /** What the container that it is about said: around the line that says why where one is known, else its last lines. */
  said?: string[];
  /** That line. */
  root?: string;
  /** Seconds that it must stay before it dooms; Infinity: it explains a limit that was reached, and dooms by itself never. */
  patience: number;
}
