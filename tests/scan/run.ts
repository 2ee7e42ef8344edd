/**
 * Scores every manifest of tests/golden with checkov and kube-score, and compares what they find with docs/data/scanners.yaml:
 * a failure without a reason there, or a reason without its failure, ends it with 1. `npm run check -- manifests` is the command.
 */
import path from "node:path";
import { execa } from "execa";
import { pythonTool } from "../checkers";
import { goldenFile, stacks } from "../golden/files";
import { readReasons } from "../../docs/generate/scannerReasons";
import { resolveTool } from "../../local/toolchain";
import { versions } from "../../local/versions";
import { type Finding, checkovFindings, judge, kubeScoreFindings } from "./findings";

/** One run for all: most of its time is its start. `--skip-download`: it would ask its maker for guidelines. */
async function checkov(): Promise<Finding[]> {
  const folder = path.dirname(goldenFile(stacks[0]!));
  const flags = ["--directory", folder, "--framework", "kubernetes", "--skip-download", "--output", "json"];
  const result = await execa(await pythonTool("checkov"), [...flags, "--compact", "--quiet"], { reject: false });
  if (result.exitCode !== 0 && result.exitCode !== 1) throw new Error(`checkov failed: ${result.stderr.slice(-2000)}`);
  return checkovFindings(result.stdout);
}

/** One run for each manifest: it takes objects of one name for one object, and a NetworkPolicy for another manifest's. */
async function kubeScore(): Promise<Finding[]> {
  const program = await resolveTool("kube-score");
  const [major, minor] = versions.kubernetes.split(".");
  const flags = ["--output-format", "json", "--kubernetes-version", `v${major}.${minor}`];
  const each = stacks.map(async (stack) => {
    const result = await execa(program, ["score", ...flags, goldenFile(stack)], { reject: false });
    // 1 is its answer to a critical check too, with findings.
    if (result.stdout === "") throw new Error(`kube-score failed for ${stack}: ${result.stderr || result.message}`);
    return kubeScoreFindings(result.stdout, stack);
  });
  return (await Promise.all(each)).flat();
}

async function main(): Promise<void> {
  const findings = [...(await kubeScore()), ...(await checkov())];
  const problems = judge(findings, readReasons());
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${findings.length} failed checks, each with its reason`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
