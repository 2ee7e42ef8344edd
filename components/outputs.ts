import * as pulumi from "@pulumi/pulumi";
import { factsOf, flatFactsOf } from "./facts";
import { together } from "./readiness/together";
import { tellServed } from "./served";
import type { VllmInference } from "./vllmInference";

/**
 * The outputs of a stack: of its one model each by itself, and of all by their names. They wait for `notes`, in which the user is told what there
 * is to say before an `up` ends.
 */
export function outputsOf(models: Record<string, VllmInference>, notes?: Promise<void>): Record<string, unknown> {
  const each = Object.entries(models);
  const [only] = each.length === 1 ? each : [];
  const keys = Object.fromEntries(each.map(([name, { apiKey }]) => [name, apiKey]));
  if (!only) {
    const known = together();
    known.beforeFailure(() => tellServed(models, known));
  }
  return {
    ...(only && { ...flatFactsOf(only[1]), apiKey: only[1].apiKey }),
    models: Object.fromEntries(each.map(([name, model]) => [name, factsOf(model)])),
    // Apart, because one secret in a map hides all of it.
    apiKeys: pulumi.secret(pulumi.all([keys, notes]).apply(([known]) => known)),
  };
}
