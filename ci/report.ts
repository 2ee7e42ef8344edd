/** What a preview came to, as data: written by `ci:preview`, read by whoever shows it. Whoever reads it from elsewhere trusts none of it. */
import { z } from "zod";

const text = z.string().max(4_000);

const fieldChange = z.strictObject({ path: text, before: text.optional(), after: text.optional() });

export const operations = ["create", "update", "replace", "delete"] as const;

const change = z.strictObject({
  operation: z.enum(operations),
  kind: text,
  name: text,
  fields: z.array(fieldChange).max(200),
});

const policyFinding = z.strictObject({
  policy: text,
  level: z.enum(["mandatory", "advisory", "other"]),
  message: text,
});

export const reportSchema = z.strictObject({
  stack: z.string().max(100),
  base: z.strictObject({
    commit: z.string().max(64),
    /**
     * `absent`: that commit has no such stack; `unreadable`: its file of the stack is none; `partly`: its `up` did not come to its end;
     * `unknown`: the preview did not come so far.
     */
    state: z.enum(["deployed", "partly", "absent", "unreadable", "unknown"]),
    /** What of it was simulated or made up, and why it is not deployed. */
    notes: z.array(text).max(100),
  }),
  /** Set when the program refuses the stack's file as it is. */
  refusal: z.strictObject({ text, isNew: z.boolean() }).optional(),
  changes: z.array(change).max(500),
  outputs: z.array(fieldChange).max(100),
  /** Nothing answers meanwhile. */
  restart: z
    .strictObject({
      of: z.enum(["model", "gateway"]),
      /** Which of several models. */
      names: z.array(text).max(100).optional(),
      because: z.array(text).max(200),
      phases: z.array(z.strictObject({ what: text, seconds: z.number().int().nonnegative() })).max(20),
    })
    .optional(),
  /** Pods are replaced one by one: somebody always answers. */
  rollout: z.strictObject({ because: z.array(text).max(200), stopSeconds: z.number().int().nonnegative() }).optional(),
  losses: z.array(text).max(100),
  policies: z.strictObject({ packs: z.array(text).max(20), findings: z.array(policyFinding).max(500) }),
  /** What the program says, such as of the model and its GPU. */
  notes: z.array(text).max(100),
  /** Why the preview failed; empty when it did not. */
  errors: z.array(text).max(100),
});

export type PreviewReport = z.infer<typeof reportSchema>;
export type Change = z.infer<typeof change>;
export type FieldChange = z.infer<typeof fieldChange>;

/** Whether the change may land, as far as the preview can tell. */
export function isAcceptable({ errors, refusal }: PreviewReport): boolean {
  return errors.length === 0 && !refusal?.isNew;
}

/** The report as its readers take it: what is longer than they allow is cut. */
export function bounded(report: PreviewReport): PreviewReport {
  const parsed = reportSchema.safeParse(report);
  if (parsed.success) return parsed.data;
  const copy = structuredClone(report);
  for (const issue of parsed.error.issues) {
    if (issue.code !== "too_big") throw parsed.error;
    const parents = issue.path.slice(0, -1);
    const parent = parents.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], copy);
    const [key, own] = [issue.path.at(-1)!, parent as Record<PropertyKey, string | unknown[]>];
    own[key] = own[key]!.slice(0, Number(issue.maximum));
  }
  return bounded(copy);
}

/** Of a stack whose preview did not come to a report. */
export function failedReport(stack: string, commit: string, error: string): PreviewReport {
  return {
    stack,
    base: { commit, state: "unknown", notes: [] },
    changes: [],
    outputs: [],
    losses: [],
    policies: { packs: [], findings: [] },
    notes: [],
    errors: [error],
  };
}
