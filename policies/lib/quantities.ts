const binary: Record<string, number> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };
const decimal: Record<string, number> = { "": 0, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** Bytes of a Kubernetes quantity such as `30Gi`; `undefined` if it is none. */
export function bytes(quantity: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([KMGTPE]i|[kMGTPE]?)$/.exec(quantity) ?? [];
  if (amount === undefined) return undefined;
  const power = binary[unit];
  return Number(amount) * (power === undefined ? 1000 ** (decimal[unit] ?? 0) : 1024 ** power);
}

export function gibibytes(amount: number): string {
  return `${(amount / 1024 ** 3).toFixed(1)} GiB`;
}
