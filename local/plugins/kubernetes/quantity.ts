import type { Value } from "../shared/wire";

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const pattern = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d+))?$/;
const decimal: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Record<string, number> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };

/** Whether two values are the same amount, written differently; the server rewrites `1024Mi` to `1Gi`, and `2` to `"2"`. */
export function sameQuantity(a: Value, b: Value): boolean {
  const left = nano(a);
  return left !== undefined && left === nano(b);
}

/** The amount in billionths, exact. */
function nano(value: Value): bigint | undefined {
  const match = typeof value === "string" || typeof value === "number" ? pattern.exec(String(value)) : null;
  if (match === null) return undefined;
  const [, number = "", suffix = "", exponent = "0"] = match;
  const [whole = "", fraction = ""] = number.split(".");
  const digits = BigInt(`${whole}${fraction}` === "" ? "0" : `${whole}${fraction}`.replace("+", ""));
  const scale = 9 + (decimal[suffix] ?? Number(exponent)) - fraction.length;
  const factor = 1024n ** BigInt(binary[suffix] ?? 0);
  return scale >= 0 ? digits * factor * 10n ** BigInt(scale) : (digits * factor) / 10n ** BigInt(-scale);
}
