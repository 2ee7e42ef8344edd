import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes/types/input";
import { apiKeyKey, tokenKey } from "../args/names";
import { type Context, type Placed, metadata } from "./labels";

export function tokenSecret(context: Context<Placed>, name: string, token: pulumi.Input<string>): k8s.core.v1.Secret {
  return opaque(context, name, { [tokenKey]: token });
}

export function apiKeySecret(context: Context, apiKey: pulumi.Input<string>): k8s.core.v1.Secret {
  return opaque(context, context.args.names.apiKeySecret, { [apiKeyKey]: apiKey });
}

/** `data`, not the write-only `stringData`: a value that somebody else has changed shows as drift. */
export function opaque(
  context: Context<Placed>,
  name: string,
  values: Record<string, pulumi.Input<string>>,
): k8s.core.v1.Secret {
  const encoded = (value: pulumi.Input<string>): pulumi.Output<string> =>
    pulumi.secret(value).apply((text) => Buffer.from(text).toString("base64"));
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, encoded(value)]));
  return { metadata: metadata(context, name), type: "Opaque", data };
}

/**
 * Checksum for the pod template, so that a change rolls the pod. One secret annotation would make all of them secret and
 * hide every diff, and the first 16 digits of the hash of a long random string give nothing away.
 */
export function checksum(content: pulumi.Input<string>): pulumi.Output<string> {
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
  return pulumi.unsecret(pulumi.output(content).apply(digest));
}
