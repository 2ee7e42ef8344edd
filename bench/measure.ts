/** Side-by-side timing: the contestants take turns, so that a machine whose speed drifts is fair to all of them. */

export interface Contestant {
  readonly name: string;
  /** Runs before each timed run, untimed. */
  readonly prepare?: () => Promise<void>;
  /** Runs once, timed from start to end unless it returns the seconds that count. */
  readonly run: () => Promise<number | void>;
}

export interface Timing {
  readonly name: string;
  readonly runs: number;
  /** Seconds. */
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export async function sideBySide(contestants: readonly Contestant[], runs: number): Promise<readonly Timing[]> {
  const seconds = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < runs; round++) {
    for (const { name, prepare, run } of contestants) {
      await prepare?.();
      const started = performance.now();
      const own = await run();
      const measured = own ?? (performance.now() - started) / 1000;
      seconds.get(name)?.push(measured);
      console.log(`  ${round + 1}/${runs}  ${name}: ${measured.toFixed(2)} s`);
    }
  }
  return contestants.map(({ name }) => timing(name, seconds.get(name) ?? []));
}

export function timing(name: string, seconds: readonly number[]): Timing {
  if (seconds.length === 0) throw new Error(`nothing was measured for '${name}'`);
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { name, runs: sorted.length, min: at(0), median, max: at(sorted.length - 1) };
}
