/**
 * What users have: states that a real `up` of an earlier version has left, and the objects that it had made. Recorded with `pulumi stack
 * export --show-secrets` on the embedded cluster (version of the commit 95d3d06). Since then, secrets, uids and the kubeconfig's path are made
 * up, each script is its first line, and what says when and by which line of code is left out.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { TestStack } from "../../harness/stack";

interface Resource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

interface Exported {
  deployment: { resources?: unknown[] };
}

/** Gives a stack that has nothing yet the state and the objects of an earlier version. */
export async function restore(stack: TestStack, name: "oneModel" | "twoOwners"): Promise<void> {
  const file = path.join(__dirname, "states", `${name}.json`);
  const text = readFileSync(file, "utf8").replaceAll('"KUBECONFIG"', JSON.stringify(stack.cluster.kubeconfig));
  const resources = (JSON.parse(text) as Resource[]).map((resource) => {
    const { outputs, inputs } = resource;
    return outputs?.["__fieldManager"] === undefined
      ? resource
      : { ...resource, outputs: { ...outputs, __inputs: inputs } };
  });
  for (const { inputs, outputs, type } of resources) {
    const manager = outputs?.["__fieldManager"];
    if (typeof manager !== "string" || !type.startsWith("kubernetes:")) continue;
    const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager", manager, "-f", "-"];
    await stack.cluster.kubectlWithInput(JSON.stringify(readable(inputs)), ...apply);
  }
  const state = JSON.parse(await stack.pulumi("stack", "export")) as Exported;
  const deployment = { ...state.deployment, resources };
  await stack.pulumiWithInput(JSON.stringify({ ...state, deployment }), "stack", "import");
}

/** With the secrets that a state holds under a mark. */
function readable(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { plaintext, ...others } = value as Record<string, unknown>;
  if (typeof plaintext === "string") return JSON.parse(plaintext) as unknown;
  return Object.fromEntries(Object.entries(others).map(([key, each]) => [key, readable(each)]));
}
