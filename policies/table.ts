/** The README's table of policies, from the pack's own list. */
import { policies } from "./index";
import type { PackPolicy } from "./lib/policy";

export function policyTable(): string {
  const rows = policies.map((policy) => [
    `[\`${policy.name}\`](${policy.url ?? ""})`,
    "validateStack" in policy ? "stack" : "resource",
    level(policy),
    policy.description,
    Object.entries(policy.configSchema?.properties ?? {})
      .map(([key, schema]) => `\`${key}\` (${JSON.stringify(schema.default)})`)
      .join(", "),
  ]);
  return [
    ["Policy", "Sees", "Level", "What and why", "Settings (defaults)"],
    ["---", "---", "---", "---", "---"],
    ...rows,
  ]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function level(policy: PackPolicy): string {
  const words = [policy.enforcementLevel ?? "mandatory"];
  return [...words, ...(policy.required ? ["no waiver"] : []), ...(policy.mends ? ["can mend"] : [])].join(", ");
}
