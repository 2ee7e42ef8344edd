// A lock that dies with its process. Plain JavaScript: bootstrap.mjs needs it before TypeScript can run.
import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** When the process started, as the system writes it; undefined when there is no such process. With it a pid used again is no alibi. */
export function processStart(pid) {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command is in parentheses and may hold spaces: the state is field 3, the start time field 22 (proc_pid_stat(5)).
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const started = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return started.stdout?.trim() || undefined;
}

/** What this process writes into a lock or pid file. */
export function identity(pid = process.pid) {
  return { pid, start: processStart(pid) ?? "", host: hostname() };
}

/** True while the very process that `identity` described still runs. A process of another host counts as running. */
export function isAlive(holder) {
  if (holder.host !== hostname()) return true;
  const start = processStart(holder.pid);
  return start !== undefined && (holder.start === "" || holder.start === start);
}

/** Reads an identity; undefined when the file is absent or no identity. */
export function readIdentity(file) {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8"));
    return Number.isInteger(holder?.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

let attempts = 0;

/** Takes the lock, or returns the live process that holds it. `note` is kept in the lock beside the identity. */
export function tryLock(file, note = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const ticket = `${file}.${process.pid}.${attempts++}`;
  writeFileSync(ticket, JSON.stringify({ ...note, ...identity() }));
  try {
    for (;;) {
      try {
        linkSync(ticket, file); // fails when the lock exists; a rename would replace it
        return undefined;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const holder = readIdentity(file);
      if (holder && isAlive(holder)) return holder;
      // Its holder is dead. Of several that see this, the rename succeeds for one.
      const grave = `${ticket}.stale`;
      try {
        renameSync(file, grave);
      } catch (error) {
        if (error.code === "ENOENT") continue;
        throw error;
      }
      const buried = readIdentity(grave);
      if (buried && isAlive(buried)) {
        // Another process took the lock between our look and our rename: give it back.
        try {
          linkSync(grave, file);
        } catch (error) {
          if (error.code !== "EEXIST") throw error;
        }
      }
      rmSync(grave, { force: true });
    }
  } finally {
    rmSync(ticket, { force: true });
  }
}

/** Runs `action` while holding the lock; waits for a live holder, and tells `onWait` once whom it waits for. */
export async function withLock(file, action, onWait) {
  let told = false;
  for (;;) {
    const holder = tryLock(file);
    if (!holder) break;
    if (!told) onWait?.(holder);
    told = true;
    await sleep(200);
  }
  try {
    return await action();
  } finally {
    unlock(file);
  }
}

/** Gives up a lock that this process holds. */
export function unlock(file) {
  if (readIdentity(file)?.pid === process.pid) rmSync(file, { force: true });
}
