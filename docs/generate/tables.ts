/** The generated tables by name: each from the data that the program itself runs on. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Results } from "../../bench/parts";
import { imageLineTable } from "./imageLines";
import { architectureGraph, roomTable } from "./architecture";
import { hubHosts } from "../../components/symptoms/hubHosts";
import { claudeCodeTable } from "./claudeCodeTable";
import { configTable } from "./configuration";
import { diagnosisTable } from "./diagnosisTable";
import { gatewayTable } from "./gatewayTable";
import { settingTable, table } from "./markdown";
import { gpuTable, limitTable, presetTable, publishedTable } from "./modelTables";
import {
  policyKindTable,
  policyLinks,
  policyPublicTable,
  policySettingsTable,
  policySymptomTable,
  policyTable,
  policyUnseenTable,
} from "./policyTable";
import { realNodeTable } from "./realNodeTable";
import { scannerReasons } from "./scannerReasons";
import { symptomList } from "./symptomList";

export const tables: Readonly<Record<string, () => string>> = {
  configuration: () => settingTable(configTable()),
  gateway: gatewayTable,
  "claude-code": claudeCodeTable,
  policies: () => `${policyTable()}\n\n${policyLinks()}`,
  "policy-settings": policySettingsTable,
  "policy-symptoms": policySymptomTable,
  "policy-kinds": policyKindTable,
  "policy-unseen": policyUnseenTable,
  "policy-public": policyPublicTable,
  models: presetTable,
  "model-limits": limitTable,
  gpus: gpuTable,
  "published-fit": publishedTable,
  "image-lines": imageLineTable,
  "real-node": realNodeTable,
  scanners: scannerReasons,
  symptoms: symptomList,
  diagnosis: diagnosisTable,
  "downloader-faults": downloaderFaultTable,
  "hub-hosts": () =>
    table(
      ["Host", "What it has"],
      hubHosts.map(({ host, what }) => [`\`${host}\``, what]),
    ),
  "removed-lines": removedLineTable,
  architecture: architectureGraph,
  rooms: roomTable,
  bench: benchTable,
};

/** One entry of docs/data/downloader-faults.json: the result for each version of huggingface_hub. */
interface Fault {
  fault: string;
  end: string;
  results: Readonly<Record<string, string>>;
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

/** One entry of docs/data/removed-lines.json. */
interface RemovedLine {
  change: string;
  outcome: string;
  deleted: string;
  others: string;
}

/** tests/long/removedLines.test.ts does each change, and writes the data or fails when it is not what happened. */
function removedLineTable(): string {
  const file = path.join(__dirname, "../data/removed-lines.json");
  const rows = JSON.parse(readFileSync(file, "utf8")) as RemovedLine[];
  return table(
    ["What changes in the program", "`up`", "Deleted", "Everything else"],
    rows.map(({ change, outcome, deleted, others }) => [change, outcome, deleted, others]),
  );
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
