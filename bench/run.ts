/**
 * `npm run bench`: the ratios of bench/README.md, measured side by side in one run. `npm run bench -- preview up dooms` runs those parts
 * alone, `--runs N` changes how often (5). Writes bench/results.json, from which `npm run docs` makes its tables.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { benchDooms } from "./dooms";
import { benchLocal } from "./local";
import { benchModels } from "./models";
import { benchPolicyPack } from "./policyPack";
import { benchPreview } from "./preview";
import { benchPlugins } from "./plugins";
import { stopSharedCluster } from "./stack";
import { benchTools } from "./tools";
import { benchUp } from "./up";
import type { Part, Results } from "./parts";
import { commandLine, usageError } from "../shared/commandLine";
import { UsageError } from "../shared/errors";

export const resultsFile = path.join(__dirname, "results.json");

const parts: Readonly<Record<string, (runs: number) => Promise<Part>>> = {
  preview: benchPreview,
  up: benchUp,
  models: benchModels,
  dooms: benchDooms,
  policies: benchPolicyPack,
  plugins: benchPlugins,
  tools: benchTools,
  local: benchLocal,
};

async function main(): Promise<void> {
  const command = commandLine("npm run bench --", "Measures, and says which of the README's promises hold.")
    .argument("[parts...]", `parts to measure: ${Object.keys(parts).join(", ")}`, Object.keys(parts))
    .option("--runs <number>", "how often each is run", (text) => Math.max(1, Number(text)), 5)
    .parse();
  const { runs } = command.opts<{ runs: number }>();
  const results = readResults();
  for (const name of command.args.length > 0 ? command.args : Object.keys(parts)) {
    const measure = parts[name];
    if (!measure) throw new UsageError(`bench has no part '${name}'; there are ${Object.keys(parts).join(", ")}.`);
    console.log(`\n${name}`);
    const part = await measure(runs);
    results[name] = { ...part, measuredOn: new Date().toISOString().slice(0, 10) };
    for (const { statement, holds } of part.verdicts) console.log(`${holds ? "holds  " : "BROKEN "} ${statement}`);
    if (part.verdicts.some(({ holds }) => !holds)) process.exitCode = 1;
    writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  }
}

function readResults(): Results {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8")) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof UsageError ? usageError : 1;
  })
  .finally(stopSharedCluster);
