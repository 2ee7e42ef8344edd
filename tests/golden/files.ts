/** Where the manifests lie. Apart from what writes them, which takes the machine's home away. */
import path from "node:path";

export const stages = ["local", "dev", "prod"] as const;
export type Stage = (typeof stages)[number];
/** The stacks of both projects, and dev in the other security mode. */
export const stacks = [...stages, "restricted" as const, ...stages.map((stage) => `gateway-${stage}` as const)];
export type Stack = (typeof stacks)[number];

export function goldenFile(stack: Stack): string {
  return path.join(__dirname, `${stack}.yaml`);
}
