/** The node's own Debian: root of its cell, and what its images are made from. Made once, in the cache. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { withLock } from "../../shared/lock.mjs";
import { cacheDir } from "../paths";

/** Debian 12: its Python is the 3.11 that the pinned packages of vLLM and LiteLLM are for. */
const release = "bookworm";
const packages = [
  "ca-certificates",
  "conntrack",
  "containerd",
  "containernetworking-plugins",
  "curl",
  "e2fsprogs",
  "haproxy",
  "iproute2",
  "iptables",
  "libnuma1",
  "mount",
  "openssl",
  "procps",
  "python3",
  "runc",
  "socat",
];

/** Where an image keeps its Python, as Red Hat's does; the packages are shown there. */
export const appRoot = "/opt/app-root";
export const sitePackages = "lib/python3.11/site-packages";
export const liteLlmRoot = "/opt/litellm";

/** The folder of the Debian, which is made where it is missing: about a minute. */
export async function nodeDebian(log: (line: string) => void, cache = dirname(cacheDir())): Promise<string> {
  const recipe = JSON.stringify([release, packages, appRoot, liteLlmRoot]);
  const folder = join(cache, "node", `debian-${createHash("sha256").update(recipe).digest("hex").slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  return withLock(
    `${folder}.lock`,
    async () => {
      if (!existsSync(folder)) await make(folder, log);
      return folder;
    },
    ({ pid }) => log(`waiting for process ${pid}, which makes the node's Debian`),
  );
}

async function make(folder: string, log: (line: string) => void): Promise<void> {
  const started = Date.now();
  log(`making the node's Debian ${release}, with containerd, runc, iptables and HAProxy`);
  // A name of its own: what a killed run has started may still write to the last one.
  const partial = `${folder}.${process.pid}.partial`;
  await mkdir(partial, { recursive: true });
  // In a mount namespace of its own: debootstrap mounts, and a kill would leave that behind.
  const debootstrap = ["debootstrap", "--variant=minbase", `--include=${packages.join(",")}`, release, partial];
  const made = await execa("unshare", ["--mount", "--propagation", "private", "nice", ...debootstrap], {
    all: true,
    reject: false,
  });
  if (made.exitCode !== 0) {
    throw new UserError(`debootstrap failed: ${made.all.trim().split("\n").slice(-5).join("\n")}`);
  }
  for (const root of [appRoot, liteLlmRoot]) await pythonRoot(join(partial, root));
  await rm(join(partial, "var/cache/apt/archives"), { recursive: true, force: true });
  await rename(partial, folder);
  log(`the node's Debian is made, in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** A virtual environment without packages. https://docs.python.org/3/library/venv.html#how-venvs-work */
async function pythonRoot(root: string): Promise<void> {
  await mkdir(join(root, "bin"), { recursive: true });
  await mkdir(join(root, sitePackages), { recursive: true });
  for (const name of ["python", "python3"]) await symlink("/usr/bin/python3.11", join(root, "bin", name));
  await writeFile(join(root, "pyvenv.cfg"), "home = /usr/bin\ninclude-system-site-packages = false\n");
}
