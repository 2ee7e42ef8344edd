/** Amounts as Kubernetes writes them: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */

const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d+))?$/;
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };
/** Beyond it an amount is more than there is anywhere; it keeps `1e999999999` from being counted out. */
const largestExponent = 40;

/** The amount without a sign, as every request, limit and size is; undefined if it is none. */
export function parseQuantity(text: string): number | undefined {
  const amount = /^[+-]/.test(text) ? undefined : billionths(text);
  // In two parts, because the whole one alone is beyond what a number holds exactly.
  return amount === undefined ? undefined : Number(amount / 10n ** 9n) + Number(amount % 10n ** 9n) / 1e9;
}

/** Whether two values are the same amount, written differently; the server rewrites `1024Mi` to `1Gi`, and `2` to `"2"`. */
export function sameQuantity(one: unknown, other: unknown): boolean {
  const [left, right] = [one, other].map((value) =>
    typeof value === "string" || typeof value === "number" ? billionths(String(value)) : undefined,
  );
  return left !== undefined && left === right;
}

/** `16.0 GiB` of so many bytes. */
export function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** The amount in billionths, the least that Kubernetes keeps. */
function billionths(text: string): bigint | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, sign, number = "", suffix = "", exponent = "0"] = match;
  const [whole = "", fraction = ""] = number.split(".");
  const digits = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  const power = decimal[suffix] ?? Math.max(-largestExponent, Math.min(Number(exponent), largestExponent));
  const scale = 9 + power - fraction.length;
  const amount = digits * 1024n ** BigInt(binary[suffix] ?? 0);
  return scale >= 0 ? amount * 10n ** BigInt(scale) : amount / 10n ** BigInt(-scale);
}
