import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { processStartTime } from "../../shared/processes";

/** A lock of Pulumi's file backend, as the CLI writes it. */
export interface StackLock {
  file: string;
  pid: number;
  hostname: string;
  username: string;
  timestamp: string;
}

/** What was found in a stack's lock folder. */
export interface Locks {
  /** Of processes on this host that are dead: removed. */
  cleared: StackLock[];
  /** Of live processes, or of other hosts. */
  held: StackLock[];
}

/** True when the process that wrote the lock is dead for certain: it was on this host, and no process with its pid is that old. */
export function isDead(lock: StackLock): boolean {
  if (lock.hostname !== hostname()) return false;
  const started = processStartTime(lock.pid);
  // A second of grace: the kernel counts start times from a boot time that it rounds.
  return started === undefined || started > Date.parse(lock.timestamp) + 1_000;
}

/** Removes the locks that dead processes of this host have left on a stack of the file backend. */
export async function clearDeadLocks(backendDir: string, project: string, stack: string): Promise<Locks> {
  const locks: Locks = { cleared: [], held: [] };
  for (const lock of await readLocks(backendDir, project, stack)) {
    if (isDead(lock)) {
      await rm(lock.file, { force: true });
      locks.cleared.push(lock);
    } else {
      locks.held.push(lock);
    }
  }
  return locks;
}

/** The locks on a stack of the file backend. */
export async function readLocks(backendDir: string, project: string, stack: string): Promise<StackLock[]> {
  const folder = join(backendDir, ".pulumi", "locks", "organization", project, stack);
  const files = (await entries(folder)).filter((name) => name.endsWith(".json"));
  const locks = await Promise.all(files.map((name) => readLock(join(folder, name))));
  return locks.filter((lock) => lock !== undefined);
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Undefined when the lock has been given up meanwhile. A lock cut short by a kill names no process: nobody can hold it. */
async function readLock(file: string): Promise<StackLock | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return { ...(JSON.parse(text) as Omit<StackLock, "file">), file };
  } catch {
    return { file, pid: 0, hostname: hostname(), username: "", timestamp: new Date().toISOString() };
  }
}
