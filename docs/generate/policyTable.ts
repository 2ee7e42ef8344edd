/** The tables of docs/policies.md, from the pack's own list. */
import { symptoms } from "../../components/symptoms";
import { policies } from "../../policies/index";
import type { PackPolicy } from "../../policies/lib/policy";

/** Every policy with its level and its reason. */
export function policyTable(): string {
  const rows = policies.map((policy) => [
    `[\`${policy.name}\`]`,
    "validateStack" in policy ? "the stack" : "each resource",
    level(policy),
    policy.description,
  ]);
  return markdown([["Policy", "Sees", "Level", "What and why"], ...rows]);
}

/** Where each policy's name in the table leads to. */
export function policyLinks(): string {
  return policies.map(({ name, url }) => `[\`${name}\`]: ${url ?? ""}`).join("\n");
}

/** The policies' settings, with their defaults. */
export function policySettingsTable(): string {
  const rows = policies.flatMap((policy) =>
    Object.entries(policy.configSchema?.properties ?? {}).map(([key, schema]) => [
      `\`${policy.name}\``,
      `\`${key}\``,
      `\`${JSON.stringify(schema.default)}\``,
      schema.description ?? "",
    ]),
  );
  return markdown([["Policy", "Setting", "Default", "What it is"], ...rows]);
}

/** Which row of the symptom table a policy keeps away. */
export function policySymptomTable(): string {
  const rows = policies.flatMap((policy) => {
    const row = symptoms.find(({ id }) => id === policy.symptom);
    return row ? [[`\`${policy.name}\``, row.title, row.sees]] : [];
  });
  return markdown([["Policy", "Keeps away", "What would be seen"], ...rows]);
}

function level(policy: PackPolicy): string {
  const words = [policy.enforcementLevel ?? "mandatory"];
  return [...words, ...(policy.required ? ["no waiver"] : []), ...(policy.mends ? ["can mend"] : [])].join(", ");
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
