import type { Timing } from "./measure";

export interface Verdict {
  readonly statement: string;
  readonly holds: boolean;
}

export interface Part {
  readonly figures: readonly Timing[];
  readonly verdicts: readonly Verdict[];
  readonly measuredOn?: string;
}

export type Results = Record<string, Part>;

export function median(figures: readonly Timing[], name: string): number {
  const found = figures.find((figure) => figure.name === name);
  if (!found) throw new Error(`'${name}' was not measured`);
  return found.median;
}

export const seconds = (value: number): string => `${value.toFixed(2)} s`;
