import { z } from "zod";

/** Configuration comes as text: what is no number, boolean or JSON is left as it is, for the schema to refuse. */
const parsed = <T extends z.ZodType>(parse: (text: string) => unknown, schema: T) =>
  z.preprocess((value) => (typeof value === "string" ? parse(value) : value), schema);
const json = <T extends z.ZodType>(schema: T) => parsed(parseJson, schema);

const text = z.string();
const flag = parsed((value) => ({ true: true, false: false })[value] ?? value, z.boolean());
const number = parsed(
  (value) => (value.trim() === "" || Number.isNaN(Number(value)) ? value : Number(value)),
  z.number(),
);
const count = parsed((value) => (/^-?\d+$/.test(value) ? Number(value) : value), z.int());
const texts = json(z.array(text));

const amounts = z.strictObject({ cpu: z.coerce.string().optional(), memory: z.coerce.string().optional() });
const resources = json(z.strictObject({ requests: amounts.optional(), limits: amounts.optional() }));
const probe = json(
  z.strictObject({
    initialDelaySeconds: z.int().optional(),
    periodSeconds: z.int().optional(),
    failureThreshold: z.int().optional(),
    timeoutSeconds: z.int().optional(),
  }),
);
const toleration = z.strictObject({
  key: text.optional(),
  operator: z.enum(["Exists", "Equal"]).optional(),
  value: text.optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: z.int().optional(),
});

/** Every key of the stack's configuration; all can be left out, because every argument has a default or can be unset. */
export const configSchema = z
  .strictObject({
    kubeContext: text,
    kubeconfig: text,
    namespace: text,
    createNamespace: flag,
    adoptExisting: flag,
    securityMode: z.enum(["anyuid", "restricted"]),
    grantScc: flag,
    image: text,
    requireImageDigest: flag,
    imagePullSecret: text,
    modelId: text,
    modelRevision: text,
    modelSource: z.enum(["hub", "existing"]),
    modelVerify: z.enum(["sizes", "headers", "full"]),
    modelAllowPatterns: texts,
    modelIgnorePatterns: texts,
    hfToken: text,
    hfEndpoint: text,
    httpsProxy: text,
    noProxy: text,
    trustedCaConfigMap: text,
    downloadRetrySeconds: count,
    modelsPath: text,
    pvcSize: text,
    storageClassName: text,
    existingClaim: text,
    protectClaim: flag,
    servedModelNames: texts,
    maxModelLen: count,
    dtype: text,
    maxNumSeqs: count,
    gpuMemoryUtilization: number,
    tensorParallelSize: count,
    enforceEager: flag,
    enableAutoToolChoice: flag,
    toolCallParser: text,
    apiKeyEnabled: flag,
    apiKeyRotation: count,
    routeEnabled: flag,
    routeHost: text,
    routePath: text,
    routeTimeout: text,
    modelFigures: json(z.record(text, z.unknown())),
    gpuModel: text,
    resources,
    downloaderResources: resources,
    sharedMemorySize: text,
    nodeSelector: json(z.record(text, text)),
    tolerations: json(z.array(toleration)),
    runtimeClassName: text,
    startupProbe: probe,
    readinessProbe: probe,
    livenessProbe: probe,
    preStopSleepSeconds: count,
    terminationGracePeriodSeconds: count,
    schedulingTimeoutSeconds: count,
    imagePullTimeoutSeconds: count,
    downloadTimeoutSeconds: count,
    routeAdmissionTimeoutSeconds: count,
  })
  .partial();

export type ConfigValues = z.infer<typeof configSchema>;
export type ConfigKey = keyof ConfigValues;

export const configKeys = Object.keys(configSchema.shape) as ConfigKey[];

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
