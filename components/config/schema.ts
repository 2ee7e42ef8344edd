import { z } from "zod";
import { contentNames } from "../args/content";

/** Configuration comes as text: what is no number, boolean or JSON is left as it is, for the schema to refuse. */
const parsed = <T extends z.ZodType>(parse: (text: string) => unknown, schema: T) =>
  z.preprocess((value) => (typeof value === "string" ? parse(value) : value), schema);
const json = <T extends z.ZodType>(schema: T) => parsed(parseJson, schema);

// A schema's error is the rule that the value breaks: "must …".
export const text = z.string({ error: "be a text" });
const whole = z.int({ error: "be a whole number" });
export const flag = parsed(
  (value) => ({ true: true, false: false })[value] ?? value,
  z.boolean({ error: "be true or false" }),
);
const number = parsed((value) => (value.trim() === "" ? value : Number(value)), z.number({ error: "be a number" }));
export const count = parsed((value) => (/^-?\d+$/.test(value) ? Number(value) : value), whole);
export const choice = <const T extends readonly string[]>(...values: T) =>
  z.enum(values, { error: `be one of ${values.join(", ")}` });
export const list = <T extends z.ZodType>(element: T) => json(z.array(element, { error: "be a list" }));
export const map = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { error: "be a map" });

// YAML makes a number of `cpu: 2`.
const amount = z.union([text, z.number().transform(String)], { error: "be a text" });
const amounts = map({
  cpu: amount.optional(),
  memory: amount.optional(),
  "ephemeral-storage": amount.optional(),
});
export const resources = json(map({ requests: amounts.optional(), limits: amounts.optional() }));
const probe = json(
  map({
    initialDelaySeconds: whole.optional(),
    periodSeconds: whole.optional(),
    failureThreshold: whole.optional(),
    timeoutSeconds: whole.optional(),
  }),
);
const toleration = map({
  key: text.optional(),
  operator: choice("Exists", "Equal").optional(),
  value: text.optional(),
  effect: choice("NoSchedule", "PreferNoSchedule", "NoExecute").optional(),
  tolerationSeconds: whole.optional(),
});

const adapter = map({ name: text, modelId: text, revision: text.optional(), rank: whole.optional() });
// YAML makes a number of `7` in a list of words and of `VLLM_X: 7`.
const word = z.union([text, z.number().transform(String)], { error: "be a text; in quotes, if it is true or false" });
const variable = z.union([word, map({ secretKeyRef: map({ name: text, key: text }) })], {
  error: "be a text, in quotes if it is true or false, or {secretKeyRef: {name, key}}",
});
// `true` must reach the rule that asks for a reason.
const reason = z.union([text, z.boolean().transform(String)], { error: "be a text" });

/** What several models share: where they are, and the token. */
const sharedKeys = {
  kubeContext: text,
  kubeconfig: text,
  namespace: text,
  createNamespace: flag,
  keepNamespace: flag,
  adoptExisting: flag,
  hfToken: text,
  hfTokenSecret: text,
};

/** What each model can have of its own; beside `models`, the default of all. */
const modelKeys = {
  securityMode: choice("anyuid", "restricted"),
  grantScc: flag,
  image: text,
  imageLine: text,
  requireImageDigest: flag,
  imagePullSecret: text,
  modelId: text,
  modelRevision: text,
  modelSource: choice("hub", "existing"),
  modelVerify: choice("sizes", "headers", "full"),
  modelAllowPatterns: list(text),
  modelIgnorePatterns: list(text),
  hfEndpoint: text,
  httpsProxy: text,
  noProxy: text,
  trustedCaConfigMap: text,
  modelXet: flag,
  downloadRetrySeconds: count,
  modelsPath: text,
  pvcSize: text,
  storageClassName: text,
  existingClaim: text,
  protectClaim: flag,
  servedModelNames: list(text),
  maxModelLen: count,
  dtype: text,
  maxNumSeqs: count,
  gpuMemoryUtilization: number,
  tensorParallelSize: count,
  enforceEager: flag,
  enableAutoToolChoice: flag,
  toolCallParser: text,
  reasoningParser: text,
  kvCacheDtype: text,
  maxNumBatchedTokens: count,
  chatTemplate: text,
  trustRemoteCode: reason,
  loraAdapters: list(adapter),
  extraArgs: list(word),
  env: json(z.record(text, variable, { error: "be a map" })),
  apiKeyEnabled: flag,
  apiKeyRotation: count,
  routeEnabled: flag,
  routeHost: text,
  routePath: text,
  routeTimeout: text,
  modelFigures: json(z.record(text, z.unknown(), { error: "be a map" })),
  gpuModel: text,
  gpuResource: text,
  resources,
  downloaderResources: resources,
  sharedMemorySize: text,
  nodeSelector: json(z.record(text, text, { error: "be a map" })),
  tolerations: list(toleration),
  runtimeClassName: text,
  priorityClassName: text,
  startupProbe: probe,
  readinessProbe: probe,
  livenessProbe: probe,
  preStopSleepSeconds: count,
  terminationGracePeriodSeconds: count,
  unschedulableTimeoutSeconds: count,
  schedulingTimeoutSeconds: count,
  imagePullTimeoutSeconds: count,
  downloadTimeoutSeconds: count,
  routeAdmissionTimeoutSeconds: count,
};

/** An empty text says "unset" here too: over what stands beside the map. */
const unsetOrOwn = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, own]) => [key, own === "" ? undefined : (own as unknown)]))
    : value;
const modelSchema = z.preprocess(unsetOrOwn, z.strictObject(modelKeys, { error: "be a map" }).partial());
// A record leaves this name out without a word.
const models = z.preprocess(
  (value, context) => {
    if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__"))
      context.addIssue({ code: "custom", message: "have no model named `__proto__`" });
    return value;
  },
  z.record(text, modelSchema, { error: "be a map" }),
);

/** Every key of the stack's configuration; all can be left out, because every argument has a default or can be unset. */
export const configSchema = z.strictObject({ ...sharedKeys, models: json(models), ...modelKeys }).partial();

/** What may hold a secret, in whatever shape it was given: a mistake about its shape shows nothing of it. */
export const unshownKeys: readonly PropertyKey[] = ["hfToken", "env", "extraArgs"];

/** What may also be an Output. */
export const contentKeys = ["hfToken", ...contentNames] as const;

/** Every argument of a `VllmInference`: as the keys of the configuration, but never as text for another type. */
export const argsSchema = z
  .strictObject(mapped({ ...sharedKeys, ...modelKeys }))
  .omit({ kubeContext: true, kubeconfig: true })
  .partial();

const { namespace, createNamespace, keepNamespace, adoptExisting, hfToken } = sharedKeys;
const namespaceKeys = { createNamespace, keepNamespace, protectNamespace: flag, adoptExisting, hfToken };

/** Every argument of a `SharedNamespace`. */
export const sharedArgsSchema = z.strictObject(mapped(namespaceKeys)).partial().extend({ namespace });

export type ConfigValues = z.infer<typeof configSchema>;
export type ConfigKey = keyof ConfigValues;

export const modelKeyNames = Object.keys(modelKeys) as (keyof typeof modelKeys)[];
export type ModelValues = z.infer<typeof modelSchema>;

export const configKeys = Object.keys(configSchema.shape) as ConfigKey[];

/** The schemas of what texts are parsed to. */
function mapped(shape: z.ZodRawShape): z.ZodRawShape {
  const plain = (schema: z.core.$ZodType): z.core.$ZodType => (schema instanceof z.ZodPipe ? schema.out : schema);
  return Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, plain(schema)]));
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
