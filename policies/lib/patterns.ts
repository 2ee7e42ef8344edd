/** `prod` and `prod-*` as settings write them: an asterisk stands for any characters. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => new RegExp(`^${pattern.split("*").map(escape).join(".*")}$`).test(text));
}

function escape(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}

/** The setting of every policy that holds for production alone. */
export const productionStacks = {
  type: "array",
  items: { type: "string" },
  default: ["prod"],
  description: "Names of the stacks that are production; an asterisk stands for any characters.",
} as const;
