/** `npm run ops`, as an operator types it, on a test's stack. */
import path from "node:path";
import { execa, type Options } from "execa";
import { run } from "../../ops/main";
import type { TestStack } from "../../harness/stack";

const main = path.resolve(__dirname, "../../ops/main.ts");

export interface OpsOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both. */
  readonly text: string;
}

function flags(stack: TestStack): string[] {
  return ["--cwd", stack.directory, "--stack", stack.name];
}

/** A process of its own, for what signals do. */
export function startOps(stack: TestStack, ...args: readonly string[]) {
  const node = ["-r", path.resolve(__dirname, "../../shared/register.cjs"), main, ...args, ...flags(stack)];
  const options = { cwd: path.dirname(main), env: stack.env, extendEnv: false, reject: false } satisfies Options;
  return execa(process.execPath, node, options);
}

/** Runs to its end in this process, which saves the start of another one; a failure is what many tests are about. */
export async function ops(stack: TestStack, ...args: readonly string[]): Promise<OpsOutcome> {
  const { env } = process;
  const out = capture(process.stdout);
  const err = capture(process.stderr);
  try {
    process.env = { ...stack.env };
    process.exitCode = 0;
    await run([...args, ...flags(stack)]);
    const [stdout, stderr] = [out.text(), err.text()];
    return { exitCode: Number(process.exitCode), stdout, stderr, text: `${stdout}\n${stderr}` };
  } finally {
    process.env = env;
    process.exitCode = undefined;
    out.end();
    err.end();
  }
}

/** What is written to a stream, instead of writing it. */
function capture(stream: NodeJS.WriteStream): { text: () => string; end: () => void } {
  const parts: string[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array) => {
    parts.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  return {
    text: () => parts.join(""),
    end: () => {
      stream.write = write;
    },
  };
}
