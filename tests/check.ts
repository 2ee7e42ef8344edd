/** `npm run check`: every check runs, then all that failed are named. `npm run check -- types lint` runs those alone. */
import { execa } from "execa";
import { resolveTool } from "../local/toolchain";
import { messageOf } from "../shared/errors";
import { pythonTool } from "./checkers";

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Makes the command's program ready and gives its path. */
  readonly tool?: () => Promise<string>;
  readonly mend?: string;
}

const checks: readonly Check[] = [
  { name: "types", command: ["tsc", "-p", "tsconfig.check.json"] },
  { name: "lint", command: ["eslint", "."] },
  { name: "format", command: ["prettier", "--check", "."], mend: "npx prettier --write ." },
  { name: "unused", command: ["knip"] },
  { name: "rooms", command: ["depcruise", "--config", ".dependency-cruiser.cjs", "--output-type", "err", "."] },
  {
    name: "tables",
    command: ["node", "-r", "ts-node/register/transpile-only", "docs/generate/index.ts", "--check"],
    mend: "npm run docs",
  },
  {
    name: "python",
    command: ["ruff", "check", "--no-cache", "."],
    tool: () => pythonTool("ruff"),
    mend: "ruff check --fix .",
  },
  { name: "workflows", command: ["actionlint"], tool: () => resolveTool("actionlint") },
  // What it would look up on GitHub, such as whether a commit is of a fork, is left out: the check needs no network.
  {
    name: "workflow-security",
    command: ["zizmor", "--offline", "--no-progress", ".github"],
    tool: () => pythonTool("zizmor"),
  },
  { name: "manifests", command: ["node", "-r", "ts-node/register/transpile-only", "tests/scan/run.ts"] },
];

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    console.error(
      `No check is named ${unknown.join(", ")}; there are ${checks.map((check) => check.name).join(", ")}.`,
    );
    process.exitCode = 2;
    return;
  }
  const failed: Check[] = [];
  for (const check of checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const started = performance.now();
    const result = await run(check);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${result.exitCode === 0 ? "ok    " : "FAILED"} ${check.name} (${seconds} s)`);
    if (result.exitCode !== 0) {
      failed.push(check);
      console.log(result.all || result.message);
    }
  }
  for (const { name, mend } of failed) {
    console.error(`check '${name}' failed${mend ? `; mend it with: ${mend}` : ""}`);
  }
  process.exitCode = failed.length > 0 ? 1 : 0;
}

/** A tool that cannot be had fails its check and no other. */
async function run({
  command: [file, ...args],
  tool,
}: Check): Promise<{ exitCode?: number | undefined; all?: string | undefined; message?: string | undefined }> {
  try {
    return await execa((await tool?.()) ?? file, args, { preferLocal: true, reject: false, all: true });
  } catch (error) {
    return { exitCode: 1, all: messageOf(error) };
  }
}

void main();
