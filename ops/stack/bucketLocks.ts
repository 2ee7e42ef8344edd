import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import type { StackLock } from "../../local/pulumi/locks";

/** The stack whose locks are asked for; it must exist. */
export interface LockedStack {
  name: string;
  project: string;
  /** URL of its backend, with whatever credentials it carries. */
  url: string;
  /** The environment in which `pulumi` reaches it. */
  env: NodeJS.ProcessEnv;
}

/**
 * The locks of a stack whose backend is a bucket or a database; undefined where `pulumi` does not tell them. It is asked to make a stack that
 * exists: it takes the lock first, names whoever holds one, and else lets go and ends without having changed anything.
 * https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/backend/diy/backend.go
 */
export async function askLocks({ name, project, url, env }: LockedStack): Promise<StackLock[] | undefined> {
  // Away from the stack's file, which making a stack would write to.
  const folder = await mkdtemp(path.join(tmpdir(), "vllm-locks-"));
  try {
    await writeFile(path.join(folder, "Pulumi.yaml"), stringify({ name: project, runtime: "nodejs" }));
    const run = (...args: string[]) =>
      execa("pulumi", [...args, "--non-interactive"], {
        cwd: folder,
        // The CLI wants a passphrase before it asks the backend; nothing is encrypted with it.
        env: { ...env, PULUMI_BACKEND_URL: url, PULUMI_CONFIG_PASSPHRASE: "unused" },
        extendEnv: false,
        reject: false,
        all: true,
      });
    const stack = `organization/${project}/${name}`;
    const { exitCode, all } = await run("stack", "init", stack, "--no-select");
    // Somebody has removed the stack meanwhile.
    if (exitCode === 0) await run("stack", "rm", stack, "--yes");
    return parseLocks(all);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const holder = /^\s+(\S+): created by (.*)@(\S+) \(pid (\d+)\) at (\S+)$/gm;

/** The locks in what `pulumi` says of a stack that it cannot make. Pure. */
export function parseLocks(text: string): StackLock[] | undefined {
  if (text.includes("already exists")) return [];
  if (!text.includes("currently locked by")) return undefined;
  return [...text.matchAll(holder)].map(([, file = "", username = "", hostname = "", pid, timestamp = ""]) => {
    return { file, username, hostname, pid: Number(pid), timestamp };
  });
}
