import { z } from "zod";
import { choice, count, flag, list, map, resources, text } from "../components/config/schema";
import { providers } from "./entries";

/** One model that the gateway offers, by its stack and, where that has several, its name. */
const model = map({
  stack: text,
  model: text.optional(),
  aliases: z.array(text, { error: "be a list" }).optional(),
  endpoint: choice("internal", "route").optional(),
  gateUrl: text.optional(),
});

/** Every key of the gateway's configuration; an empty one counts as unset. */
export const gatewaySchema = z
  .strictObject({
    mode: choice("deploy", "register", "direct"),
    models: list(model),
    aliases: list(text),
    provider: choice(...providers),
    gateTimeoutSeconds: count,
    kubeContext: text,
    kubeconfig: text,
    namespace: text,
    createNamespace: flag,
    adoptExisting: flag,
    image: text,
    requireImageDigest: flag,
    imagePullSecret: text,
    replicas: count,
    resources,
    routeEnabled: flag,
    routeHost: text,
    routePath: text,
    routeTimeout: text,
    egressCidrs: list(text),
    masterKeyRotation: count,
    litellmUrl: text,
    litellmAdminKey: text,
    litellmClientKey: text,
  })
  .partial();

export type GatewayValues = z.infer<typeof gatewaySchema>;
export type GatewayKey = keyof GatewayValues;
export const gatewayKeys = Object.keys(gatewaySchema.shape) as GatewayKey[];
/** Keys whose values are encrypted in the stack's file. */
export const gatewaySecrets = ["litellmAdminKey", "litellmClientKey"] as const satisfies GatewayKey[];
