/** A resource is let off one policy by an annotation that says why: `vllm-policies/waive-<policy>: <reason>`. */
import { annotations, type KubernetesObject } from "./objects";
import { UNKNOWN, type Value } from "./values";

export const waiverPrefix = "vllm-policies/waive-";

export interface Waiver {
  readonly policy: string;
  readonly reason: Value;
}

export function waiversOf(object: KubernetesObject): Waiver[] {
  return annotations(object)
    .filter(([key]) => key.startsWith(waiverPrefix))
    .map(([key, reason]) => ({ policy: key.slice(waiverPrefix.length), reason }));
}

/** The waiver that is in force for a policy: one with a reason, even if the reason's text is not known yet. */
export function waiverOf(object: KubernetesObject, policy: string): Waiver | undefined {
  return waiversOf(object).find((waiver) => waiver.policy === policy && hasReason(waiver));
}

export function hasReason({ reason }: Waiver): boolean {
  return reason === UNKNOWN || (typeof reason === "string" && reason.trim().length > 0);
}
