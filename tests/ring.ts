export interface Ring {
  readonly name: string;
  readonly what: string;
  readonly command: (mochaArgs: readonly string[]) => readonly [string, ...string[]];
  readonly setUp?: (log: (line: string) => void) => Promise<SetUp>;
  /** Most of its time is waiting: it runs beside the others that say so, once the rest are through. */
  readonly waits?: true;
  /** It runs where it is asked for by name alone: it takes long, or needs root. */
  readonly byNameOnly?: true;
}

export interface SetUp {
  readonly env: Record<string, string>;
  readonly tearDown: () => Promise<void>;
}
