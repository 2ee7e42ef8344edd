import { existsSync, readFileSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { isDead, readLocks, type StackLock } from "../../local/pulumi/locks";
import { askLocks } from "../stack/bucketLocks";
import type { OpsStack } from "../stack/openStack";
import { dropPending } from "../stack/state";
import { type Answer, type Check, type CheckFinding, type DoctorContext, fine } from "./check";

/** What a killed `up` leaves in the stack's backend; these need no cluster. */
export const backendChecks: readonly Omit<Check, "deployed">[] = [
  { id: "state-file", title: "state file", run: stateFile },
  { id: "stack-lock", title: "stack lock", run: lock },
  { id: "pending-operations", title: "unfinished operations", run: pending },
];

/** What of a stack is looked at here. */
type Stack = Pick<OpsStack, "name" | "project" | "directory" | "environment" | "pulumi">;

/** The stack's backend as it may be shown, and its folder; undefined where that is elsewhere. */
async function folderOf(stack: Stack): Promise<{ url: string | undefined; folder: string | undefined }> {
  const url = backendUrl(await stack.environment(), stack.directory);
  if (url === undefined) return { url, folder: undefined };
  return { url: shown(url), folder: fileBackend(url, stack.directory) };
}

/** Without user, password and parameters: a database's URL has its password in either. */
function shown(url: string): string {
  return url.replace(/^([\w+.-]+:\/\/)[^/]*@/, "$1").replace(/\?.*$/s, "");
}

/** The stack's locks; undefined where the backend has none, or must be asked for them and may not. */
async function locksOf(stack: Stack, probe: boolean): Promise<StackLock[] | undefined> {
  const { name, project } = stack;
  const env = await stack.environment();
  const url = backendUrl(env, stack.directory);
  if (url === undefined || /^https?:/.test(url)) return undefined;
  const folder = fileBackend(url, stack.directory);
  if (folder !== undefined) return readLocks(folder, project, name);
  return probe ? askLocks({ name, project, url, env }) : undefined;
}

/** Who is at work on the stack, or may be; undefined where the backend does not tell. */
async function atWork(stack: Stack, probe: boolean): Promise<string[] | undefined> {
  const locks = await locksOf(stack, probe);
  return locks ? locks.filter((each) => !isDead(each)).map(holder) : atService(stack);
}

/** The same of a backend that is a service, which has no locks. */
async function atService(stack: Stack): Promise<string[] | undefined> {
  const { url } = await folderOf(stack);
  const busy = updateInProgress(await stack.pulumi("stack", "ls", "--json"), stack.name);
  return busy === undefined ? undefined : busy ? [`${url ?? "the backend"} says`] : [];
}

/**
 * The file backend keeps attributes of each file beside it, and writes them after it has made the file for them empty: a `pulumi` that is killed
 * in between leaves a state that is whole and that no `pulumi` can read.
 */
async function stateFile({ stack, probe }: DoctorContext): Promise<Answer> {
  const { url, folder } = await folderOf(stack);
  if (folder === undefined)
    return { skipped: `the state is in no folder, but in ${url ?? "a backend that is unknown"}` };
  const states = path.join(folder, ".pulumi", "stacks", stack.project);
  const names = existsSync(states) ? await readdir(states) : [];
  const own = names.filter((name) => name.startsWith(`${stack.name}.json`) && name.endsWith(".attrs"));
  const files = own.map((name) => path.join(states, name));
  const sizes = await Promise.all(files.map((file) => stat(file)));
  const empty = files.filter((_, index) => sizes[index]?.size === 0);
  if (empty.length === 0) return fine("nothing beside it is cut short");
  const evidence = `${empty.join(", ")} is empty: a \`pulumi\` was killed while it saved, and every other one ends with \`failed to load checkpoint: EOF\`; the state itself is whole`;
  if ((await atWork(stack, probe))?.length !== 0)
    return { severity: "note", evidence: `${evidence}; but an \`up\` is at work` };
  return {
    severity: "error",
    evidence,
    mend: `rm ${empty.join(" ")}`,
    fix: async () => {
      for (const file of empty) await rm(file, { force: true });
      return `removed ${empty.join(", ")}`;
    },
  };
}

async function lock({ stack, state, probe }: DoctorContext): Promise<Answer> {
  const { url, folder } = await folderOf(stack);
  // Without a state nobody is asked: the stack may not exist.
  if (folder === undefined && "missing" in state) return { skipped: state.missing };
  const locks = await locksOf(stack, probe);
  if (locks) return locks.length === 0 ? fine("no lock") : locks.map((each) => lockFinding(each, stack, locks));
  const holders = await atService(stack);
  if (holders === undefined) {
    const ask = probe
      ? ""
      : "; `npm run ops -- doctor --probe` asks for them, for which it takes the lock for a moment";
    return {
      skipped: `the locks of ${url ?? "this backend"} are not seen${ask}; if \`pulumi\` says that the stack is currently locked, and its holder is dead: pulumi cancel --stack ${stack.name}`,
    };
  }
  if (holders.length === 0) return fine("no update is in progress");
  const evidence = `an update is in progress, ${url ?? "the backend"} says`;
  return { severity: "warning", evidence, mend: cancel(stack), remedy: "only if whoever runs it is dead: else wait" };
}

/** What `pulumi stack ls --json` says of a stack; only a backend that is a service tells. */
export function updateInProgress(list: string, name: string): boolean | undefined {
  const stacks = JSON.parse(list) as { name: string; updateInProgress?: boolean }[];
  return stacks.find((each) => each.name.split("/").at(-1) === name)?.updateInProgress;
}

const cancel = ({ name }: Stack): string => `pulumi cancel --stack ${name}`;

const holder = (held: StackLock): string => `process ${held.pid} on ${held.hostname}, since ${held.timestamp}`;

function lockFinding(held: StackLock, stack: Stack, others: readonly StackLock[]): CheckFinding {
  const evidence = `locked by ${holder(held)}`;
  const isFile = path.isAbsolute(held.file);
  if (!isDead(held))
    return {
      severity: "warning",
      evidence,
      mend: cancel(stack),
      remedy: "only if it is dead: else wait for it to end",
    };
  return {
    severity: "error",
    evidence: `${evidence}, which is dead`,
    mend: cancel(stack),
    ...((isFile || others.every(isDead)) && {
      fix: async () => {
        // Cancelling takes every lock away.
        await (isFile ? rm(held.file, { force: true }) : stack.pulumi("cancel", "--yes"));
        return `removed the lock of process ${held.pid}`;
      },
    }),
  };
}

export async function pending({
  stack,
  state,
  probe,
}: Pick<DoctorContext, "state" | "probe"> & { stack: Stack }): Promise<Answer> {
  if ("missing" in state) return { skipped: state.missing };
  if (state.pending.length === 0) return fine(`none among ${state.resources.length} resources`);
  const what = state.pending.join(", ");
  const holders = await atWork(stack, probe);
  // The state is saved while it changes.
  if (holders?.[0] !== undefined)
    return { severity: "note", evidence: `an \`up\` is at work (${holders[0]}): ${what}` };
  // Importing what was exported drops them: https://www.pulumi.com/docs/support/troubleshooting/
  const drop = `pulumi stack export --stack ${stack.name} | pulumi stack import --stack ${stack.name} && pulumi up --stack ${stack.name}`;
  if (holders === undefined) {
    const evidence = `an \`up\` is at work, or was killed: ${what}`;
    return { severity: "warning", evidence, mend: drop, remedy: "only if nobody's `up` is at work: else wait" };
  }
  return {
    severity: "error",
    evidence: `a killed \`up\` left: ${what}`,
    mend: drop,
    remedy: "`up` takes up what was made: it carries this stack's annotation",
    fix: async () => {
      await dropPending(stack);
      return `took the unfinished operations out of the state; pulumi up --stack ${stack.name} takes up what was made`;
    },
  };
}

/** Where `pulumi` keeps its state: https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
export function backendUrl(env: NodeJS.ProcessEnv, directory: string): string | undefined {
  if (env["PULUMI_BACKEND_URL"]) return env["PULUMI_BACKEND_URL"];
  const { backend } = (parse(readFileSync(path.join(directory, "Pulumi.yaml"), "utf8")) ?? {}) as {
    backend?: { url?: string };
  };
  if (backend?.url !== undefined) return backend.url;
  const file = path.join(env["PULUMI_HOME"] ?? path.join(homedir(), ".pulumi"), "credentials.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { current?: string }).current;
}

/** The folder of a `file://` backend; `file://~` is the home folder. */
export function fileBackend(url: string, directory: string): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const rest = url.slice("file://".length).replace(/\?.*$/, "");
  if (rest === "~" || rest.startsWith("~/")) return path.join(homedir(), rest.slice(1));
  return rest.startsWith("/") ? fileURLToPath(`file://${rest}`) : path.resolve(directory, rest);
}
