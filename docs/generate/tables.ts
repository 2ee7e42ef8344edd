/** The generated tables by name: each from the data that the program itself runs on. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { defaults } from "../../components/args/defaults";
import { named, type Symptom, symptoms } from "../../components/symptoms";
import type { Results } from "../../bench/parts";
import { policies } from "../../policies/index";
import { policySettingsTable, policySymptomTable, policyTable } from "./policyTable";
import { architectureGraph } from "./architecture";
import { configTable } from "./configuration";
import { gatewayTable } from "./gatewayTable";
import { table } from "./markdown";
import { gpuTable, limitTable, presetTable, publishedTable } from "./modelTables";

export const tables: Readonly<Record<string, () => string>> = {
  configuration,
  gateway: gatewayTable,
  policies: policyTable,
  "policy-settings": policySettingsTable,
  "policy-symptoms": policySymptomTable,
  models: presetTable,
  "model-limits": limitTable,
  gpus: gpuTable,
  "published-fit": publishedTable,
  symptoms: symptomTable,
  "downloader-faults": downloaderFaultTable,
  architecture: architectureGraph,
  bench: benchTable,
};

function configuration(): string {
  const rows = configTable().map(({ name, default: value, description, change }) => [
    `\`${name}\``,
    value === "" ? "" : `\`${JSON.stringify(value)}\``,
    description,
    change,
  ]);
  return table(["Key", "Default", "What it is", "A change of it"], rows);
}

/** One entry of docs/data/downloader-faults.json: the result for each version of huggingface_hub. */
interface Fault {
  fault: string;
  end: string;
  results: Readonly<Record<string, string>>;
}

/** What tells it, and when. */
function told({ area, doom, patterns }: Symptom): string[] {
  if (area === "client") return patterns.length > 0 ? ["`smoke` names it"] : [];
  const dooms = {
    "at-once": "`up` ends at once and names it",
    repeated: "`up` ends and names it when it stays or comes back",
    never: "`up` waits, and names it when the phase's limit is reached",
  } as const;
  return [dooms[doom]];
}

function symptomTable(): string {
  const rows = symptoms
    .map((each) => named(each, "vllm", defaults.namespace))
    .map((row) => [row.sees, row.title, row.remedy, [row.program, ...policiesOf(row), ...told(row)].join("; ")]);
  return table(["What is seen", "What it is", "What to do", "What this program does about it"], rows);
}

/** Which policies refuse at preview what would lead to it. */
function policiesOf({ id }: Symptom): string[] {
  const own = policies.filter(({ symptom }) => symptom === id).map(({ name }) => `\`${name}\``);
  if (own.length === 0) return [];
  return [
    `${own.length === 1 ? "policy" : "policies"} ${own.join(", ")} ${own.length === 1 ? "refuses" : "refuse"} at preview what leads to it`,
  ];
}

/** tests/downloader/run.ts writes the data, and fails when they are not what the tests say. */
function downloaderFaultTable(): string {
  const file = path.join(__dirname, "../data/downloader-faults.json");
  const faults = JSON.parse(readFileSync(file, "utf8")) as Fault[];
  const versions = ({ results }: Fault, survived: boolean): string[] =>
    Object.keys(results).filter((version) => (results[version] === "survived") === survived);
  const rows = faults.map((fault) => {
    const failed = versions(fault, false).map((version) => `**not** ${version}`);
    return [fault.fault, fault.end, [...versions(fault, true), ...failed].join(", ")];
  });
  const survived = faults.filter((fault) => versions(fault, true).length > 0 && versions(fault, false).length === 0);
  return [
    `${faults.length} faults were tried, ${survived.length} survived.`,
    table(["Fault tried", "Survived: how it ends", "With huggingface_hub"], rows),
  ].join("\n\n");
}

function benchTable(): string {
  const file = path.join(__dirname, "../../bench/results.json");
  if (!existsSync(file)) return "Not measured yet: `npm run bench` does it.";
  const results = JSON.parse(readFileSync(file, "utf8")) as Results;
  const figure = (value: number): string => value.toFixed(2);
  return Object.values(results)
    .map(({ figures, verdicts, measuredOn }) => {
      const rows = figures.map(({ name, runs, min, median, max }) => [
        name,
        String(runs),
        ...[min, median, max].map(figure),
      ]);
      const said = verdicts.map(({ statement, holds }) => `- ${holds ? "" : "**missed:** "}${statement}`).join("\n");
      return `${table(["Measured", "runs", "min, s", "median, s", "max, s"], rows)}\n\nMeasured on ${measuredOn}:\n\n${said}`;
    })
    .join("\n\n");
}
