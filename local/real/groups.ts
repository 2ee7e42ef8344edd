/** What the machine keeps of a node that has ended: its control groups, which groups.sh has made. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeInterface } from "./network";

/**
 * Takes them away. A group can be removed once its last process has ended, which may be a moment later. Of version 2, the root also stops giving
 * away the controllers that are not in the file `before`, unless a group below gives them on (the kernel refuses then) or another clone's node is
 * there, which may not have come so far; what that one found given away it leaves so.
 */
export async function removeGroups(name: string, before: string, root = "/sys/fs/cgroup"): Promise<void> {
  const folders = [join(root, name), ...readdirSync(root).map((controller) => join(root, controller, name))];
  const deadline = Date.now() + 10_000;
  for (const folder of folders) {
    while (existsSync(folder)) {
      try {
        removeGroup(folder);
      } catch (error) {
        if (codeOf(error) !== "EBUSY" || Date.now() > deadline) throw error;
        await sleep(50);
      }
    }
  }
  if (!existsSync(before)) return;
  if (readdirSync(root).some((entry) => nodeInterface.test(entry))) return rmSync(before);
  const file = join(root, "cgroup.subtree_control");
  const kept = controllersIn(before);
  for (const controller of controllersIn(file)) {
    if (kept.includes(controller)) continue;
    try {
      writeFileSync(file, `-${controller}`);
    } catch (error) {
      if (codeOf(error) !== "EBUSY") throw error;
    }
  }
  rmSync(before);
}

const controllersIn = (file: string): string[] => readFileSync(file, "utf8").split(/\s+/).filter(Boolean);

function removeGroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  }
  rmdirSync(folder);
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
