import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isDead, readLocks, type StackLock } from "../../local/pulumi/locks";
import type { OpsStack } from "../stack";
import { dropPending } from "../state";
import { type Check, type CheckFinding, type DoctorContext, fine, type Skipped } from "./check";

/** What a killed `up` leaves in the stack's backend; these need no cluster. */
export const backendChecks: readonly Omit<Check, "deployed">[] = [
  { id: "stack-lock", title: "stack lock", run: lock },
  { id: "pending-operations", title: "unfinished operations", run: pending },
];

async function lock({ stack, state }: DoctorContext): Promise<CheckFinding[] | CheckFinding | Skipped> {
  const url = backendUrl(await stack.environment());
  const folder = url === undefined ? undefined : fileBackend(url);
  if (folder === undefined) {
    if ("missing" in state) return { skipped: state.missing };
    return {
      skipped: `the locks of ${url ?? "this backend"} cannot be seen from here; \`pulumi cancel --stack ${stack.name}\` frees the stack if an \`up\` was killed`,
    };
  }
  const locks = await readLocks(folder, stack.project, stack.name);
  if (locks.length === 0) return fine("no lock");
  return locks.map((each) => lockFinding(each, stack));
}

function lockFinding(held: StackLock, stack: OpsStack): CheckFinding {
  const who = `process ${held.pid} on ${held.hostname}, since ${held.timestamp}`;
  if (!isDead(held)) {
    return {
      severity: "warning",
      evidence: `locked by ${who}`,
      mend: `wait for it to end; if it is dead: pulumi cancel --stack ${stack.name}`,
    };
  }
  return {
    severity: "error",
    evidence: `locked by ${who}, which is dead`,
    mend: `pulumi cancel --stack ${stack.name}`,
    fix: async () => {
      await rm(held.file, { force: true });
      return `removed the lock of process ${held.pid}`;
    },
  };
}

function pending({ stack, state }: DoctorContext): CheckFinding | Skipped {
  if ("missing" in state) return { skipped: state.missing };
  if (state.pending.length === 0) return fine(`none among ${state.resources.length} resources`);
  return {
    severity: "error",
    evidence: `a killed \`up\` left: ${state.pending.join(", ")}`,
    // Importing what was exported drops them: https://www.pulumi.com/docs/support/troubleshooting/
    mend:
      `pulumi stack export --stack ${stack.name} | pulumi stack import --stack ${stack.name} && pulumi up --stack ${stack.name}` +
      "   # takes up what was made: it carries this stack's annotation",
    fix: async () => {
      await dropPending(stack);
      return `took the unfinished operations out of the state; pulumi up --stack ${stack.name} takes up what was made`;
    },
  };
}

/** Where `pulumi` keeps its state: https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
export function backendUrl(env: NodeJS.ProcessEnv): string | undefined {
  if (env["PULUMI_BACKEND_URL"]) return env["PULUMI_BACKEND_URL"];
  const file = path.join(env["PULUMI_HOME"] ?? path.join(homedir(), ".pulumi"), "credentials.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { current?: string }).current;
}

/** The folder of a `file://` backend; `file://~` is the home folder. */
export function fileBackend(url: string): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const rest = url.slice("file://".length).replace(/\?.*$/, "");
  if (rest === "~" || rest.startsWith("~/")) return path.join(homedir(), rest.slice(1));
  return rest.startsWith("/") ? fileURLToPath(`file://${rest}`) : path.resolve(rest);
}
