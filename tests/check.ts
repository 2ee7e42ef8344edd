/** `npm run check`: every check runs, then all that failed are named. `npm run check -- types lint` runs those alone. */
import { execa } from "execa";

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly mend?: string;
}

const checks: readonly Check[] = [
  { name: "types", command: ["tsc", "-p", "tsconfig.check.json"] },
  { name: "lint", command: ["eslint", "."] },
  { name: "format", command: ["prettier", "--check", "."], mend: "npx prettier --write ." },
  { name: "unused", command: ["knip"] },
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
    const [file, ...args] = check.command;
    const result = await execa(file, args, { preferLocal: true, reject: false, all: true });
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

void main();
