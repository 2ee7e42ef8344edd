/** Where a symptom is seen. */
export type Area =
  | "downloader"
  | "server"
  | "image"
  | "container"
  | "scheduling"
  | "admission"
  | "volume"
  | "route"
  | "rollout"
  | "gateway"
  | "client";

/**
 * Whether a start-up that shows the symptom can still succeed: `at-once` it cannot; `repeated` it cannot once it has come back after a
 * restart or stayed; `never` it is only slow, or shows itself outside a start-up.
 */
export type Doom = "at-once" | "repeated" | "never";

/** A place where a text was read. */
export interface Reference {
  readonly where: string;
  readonly link: string;
}

/**
 * Where the texts of a row come from: `recorded` from a program that ran for it (which, in which version), `reported` where it was read, or
 * this program's `own`.
 */
export type Source =
  | { readonly recorded: string }
  | { readonly reported: readonly Reference[] }
  | { readonly own: "this program's words" };

export const recorded = (by: string): Source => ({ recorded: by });
export const reported = (...where: readonly [Reference, ...Reference[]]): Source => ({ reported: where });
export const own: Source = { own: "this program's words" };

/** One row of the table. */
export interface Row {
  id: string;
  /** What it is, in one line. */
  title: string;
  /** What the operator sees. */
  sees: string;
  area: Area;
  /** Texts that show it: a log line, an event's or a condition's message. */
  patterns: readonly RegExp[];
  exitCodes?: readonly number[];
  /** Kubernetes' own reasons that show it. */
  reasons?: readonly string[];
  /** What to do. `{account}` and `{namespace}` are filled in. */
  remedy: string;
  /** What to do where the text says more than the row: with its numbers and names. Undefined: the remedy stays. */
  mend?: (text: string) => string | undefined;
  /**
   * What to type first: the mend itself, or where its choice needs a look, that look. `{stack}`, `{namespace}`, `{deployment}`, `{claim}`,
   * `{route}`, `{account}` and `{pod}` are filled in; what stands in `<…>` is the operator's to say. Rows that only clients meet have none.
   */
  command?: string;
  /** What this program does about it, beside telling it: how it keeps it away, heals it or bounds it. */
  program: string;
  doom: Doom;
  /** It says that something failed and not what: a text that another row knows beats it. */
  vague?: true;
  /** A text that this row matches and no other row of its area; rows without one are recognised otherwise. */
  example?: string;
  source: Source;
}

/** What is known about a failure. */
export interface Evidence {
  text?: string;
  exitCode?: number;
  reason?: string;
}

/** Another value of the configuration, and the `up` that takes it. */
export const setting = (key: string, value: string): string =>
  `pulumi config set ${key} ${value} --stack {stack} && pulumi up --stack {stack}`;

/** Said of `resources` and `downloaderResources`, of which a command sets one field: they are taken as a whole. */
export const asAWhole = "; name its other fields, too, because what is left out is unset";

/** The program's own value again. */
export const unsetting = (key: string): string =>
  `pulumi config rm ${key} --stack {stack} && pulumi up --stack {stack}`;
