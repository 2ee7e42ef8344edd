/** The generated tables by name: each from the data that the program itself runs on. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { symptoms } from "../components/symptoms";
import type { Results } from "../bench/parts";
import { policySettingsTable, policySymptomTable, policyTable } from "../policies/table";
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

const dooms = {
  "at-once": "ends `up` at once",
  repeated: "ends `up` when it comes back",
  never: "is waited for",
} as const;

function symptomTable(): string {
  const rows = symptoms.map(({ title, sees, remedy, doom }) => [sees, title, remedy, dooms[doom]]);
  return table(["What is seen", "What it is", "What to do", "During a start-up"], rows);
}

/** tests/downloader/run.ts writes the data, and fails when they are not what the tests say. */
function downloaderFaultTable(): string {
  const file = path.join(__dirname, "data", "downloader-faults.json");
  const faults = JSON.parse(readFileSync(file, "utf8")) as { fault: string; end: string; results: object }[];
  const rows = faults.map(({ fault, end, results }) => [fault, end, Object.keys(results).join(", ")]);
  return table(["What was done to it", "How it ended", "huggingface_hub"], rows);
}

function benchTable(): string {
  const file = path.join(__dirname, "../bench/results.json");
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
