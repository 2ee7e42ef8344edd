/** The recordings: what the real server printed into each fault, and how it ended. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

export interface Recording {
  readonly version: string;
  readonly fault: string;
  /** What a kubelet says of the end; null where the program went on. */
  readonly exitCode: number | null;
  readonly reason: "Error" | "OOMKilled";
  readonly lines: readonly string[];
}

/** What a fault must be called, and after which exit. */
export interface Expected {
  readonly symptom: string;
  readonly at: "first" | "second";
  readonly open?: true;
  readonly versions?: Readonly<Record<string, Partial<Omit<Expected, "versions">>>>;
}

const folder = __dirname;

export function recordings(): Recording[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("vllm-"))
    .flatMap((version) =>
      readdirSync(path.join(folder, version)).map((file) => read(path.join(folder, version, file))),
    );
}

function read(file: string): Recording {
  const [, header = "", ...rest] = readFileSync(file, "utf8").split(/^---\n/m);
  const { fault, program, exitCode, reason } = parse(header) as {
    fault: string;
    program: string;
    exitCode: number | null;
    reason?: "OOMKilled";
  };
  const lines = rest.join("---\n").trimEnd().split("\n");
  return { version: program.split(" ")[1] ?? "", fault, exitCode, reason: reason ?? "Error", lines };
}

export const expectations = parse(readFileSync(path.join(folder, "expected.yaml"), "utf8")) as Record<string, Expected>;

/** What is expected of a recording, its version's differences included. */
export function expectedOf({ fault, version }: Recording): Expected | undefined {
  const expected = expectations[fault];
  return expected && { ...expected, ...expected.versions?.[version] };
}

/**
 * What a kubelet keeps of a container's output as its termination message with `FallbackToLogsOnError`: the last 80 lines, and of those the
 * last 2,048 bytes (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/).
 */
export function terminationMessage(lines: readonly string[]): string {
  const bytes = Buffer.from(
    lines
      .slice(-80)
      .map((line) => `${line}\n`)
      .join(""),
  );
  return bytes.subarray(Math.max(0, bytes.length - 2048)).toString();
}
