// What a user reads where the machine refuses a file, a process or a port. Plain JavaScript: bootstrap.mjs needs it before TypeScript can run.
import { statfsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";

/** `path`, or what there is of the way to it. */
export function nearestExisting(path) {
  for (let current = path; ; current = dirname(current)) {
    if (statSync(current, { throwIfNoEntry: false }) !== undefined || current === dirname(current)) return current;
  }
}

const quoted = (path) => `'${path.replaceAll("'", "'\\''")}'`;

/** Why this user may not write there, with what to do about it; `elsewhere` says how another place is taken. */
export function unwritable(path, code, elsewhere) {
  const found = nearestExisting(path);
  const { uid, username } = userInfo();
  const owner = statSync(found, { throwIfNoEntry: false })?.uid;
  const or = elsewhere === undefined ? "" : `, or ${elsewhere}`;
  if (code === "EROFS") return `'${found}' is on a read-only file system; mount it for writing${or}.`;
  if (owner !== undefined && owner !== uid)
    return `'${found}' cannot be written by ${username}: it belongs to user id ${owner}; give it to ${username} (sudo chown -R ${username} ${quoted(found)})${or}.`;
  return `'${found}' cannot be written by ${username}; allow it (chmod -R u+rwX ${quoted(found)})${or}.`;
}

/** Where less is free than a step takes; undefined where it is enough. A disk that fills up half-way leaves a broken file, or a process that waits. */
export function spaceProblem(folder, neededMiB, what, elsewhere) {
  const { bavail, bsize } = statfsSync(nearestExisting(folder));
  const freeMiB = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMiB >= neededMiB) return undefined;
  return `${what} may take ${neededMiB} MiB in '${folder}', and ${freeMiB} MiB are free there; free some, or ${elsewhere}.`;
}

/**
 * The sentence for an error of the operating system that only the user can mend; undefined for any other error.
 * https://nodejs.org/docs/latest-v22.x/api/errors.html#common-system-errors
 */
export function systemTrouble(error, elsewhere) {
  const { code, path, syscall } = error ?? {};
  if (syscall === "kill" && code === "EPERM")
    return "A process of this clone belongs to another user, who must end it: run the command as that user (with sudo where it was started so).";
  switch (code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return path === undefined ? undefined : unwritable(path, code, elsewhere);
    case "ENOSPC":
    case "EDQUOT":
      return `There is no space left${path === undefined ? "" : ` where '${path}' lies`}; free some (df -h shows how much there is).`;
    case "EMFILE":
    case "ENFILE":
      return "Too few files may be open at once; allow more in this shell (ulimit -n 4096) and run the command again.";
  }
  return undefined;
}
