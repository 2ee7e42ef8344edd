/** The tables of docs/policies.md, from the pack's own list. */
import { symptoms } from "../../components/symptoms";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { EACH, kinds, unseen } from "../../policies/lib/kinds";
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

/** Every kind whose pods are judged, with the places of their templates. */
export function policyKindTable(): string {
  const rows = Object.entries(kinds).map(([kind, { group, pods }]) => [
    kind,
    group?.replace(/\/$/, "") ?? "",
    pods.map(({ spec }) => `\`${spec.join(".").replaceAll(`.${EACH}`, "[]")}\``).join(", "),
  ]);
  return markdown([["Kind", "Group, where others have the kind too", "Its pods"], ...rows]);
}

export interface PublicDeployment {
  readonly file: string;
  readonly says: string;
  readonly source: string;
  /** Policy, kind of the object, and why the finding is right. */
  readonly finds: readonly (readonly [policy: string, on: string, because: string])[];
}

export function publicDeployments(): PublicDeployment[] {
  const file = path.join(__dirname, "..", "data", "publicDeployments.yaml");
  return parse(readFileSync(file, "utf8")) as PublicDeployment[];
}

/** What the pack finds in public deployments, and why that is right. */
export function policyPublicTable(): string {
  const rows = publicDeployments().flatMap(({ says, source, finds }) =>
    finds.length === 0
      ? [[`[${says}](${source})`, "nothing", "no vLLM server"]]
      : finds.map(([policy, , because], index) => [
          index === 0 ? `[${says}](${source})` : "",
          `\`${policy}\``,
          because,
        ]),
  );
  return markdown([["Deployment", "Finding", "Why it is right"], ...rows]);
}

/** What the pack cannot see. */
export function policyUnseenTable(): string {
  return markdown([["Not seen", "Why"], ...unseen.map(({ what, why }) => [what, why])]);
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
