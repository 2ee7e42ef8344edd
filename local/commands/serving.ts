import { join } from "node:path";
import { execa } from "execa";
import { messageOf, UserError } from "../../shared/errors";
import { repositoryRoot } from "../paths";
import { stack } from "../pulumi/stack";

/** What `npm run ops -- status` has found. */
export interface Seen {
  /** What is otherwise than the last `up` has left it, a line each. */
  changed: string[];
  /** Why the model does not serve; undefined where it does. */
  trouble: string | undefined;
  /** Nothing stands in the way of its serving but time. */
  starting: boolean;
}

interface Status {
  ready: boolean;
  phase: string;
  detail: string;
  trouble: { title: string; evidence: string }[];
  drift: { kind: string; name: string; detail: string }[];
}

/** Exit code of `status` where there is no Deployment. */
const nothingDeployed = 3;

/** Looks whether the model serves: `pulumi up` asks the cluster nothing where nothing has changed in the program. */
export async function look(env: NodeJS.ProcessEnv): Promise<Seen> {
  const script = join(repositoryRoot, "ops", "main.ts");
  const args = ["-r", join(repositoryRoot, "shared", "register.cjs"), script, "status", "--stack", stack, "--json"];
  const { exitCode, stdout, stderr } = await execa(process.execPath, args, {
    cwd: repositoryRoot,
    env,
    extendEnv: false,
    reject: false,
  });
  if (exitCode === nothingDeployed)
    return { changed: ["the Deployment is gone"], trouble: stderr.trim(), starting: false };
  return readStatus(stdout, stderr);
}

/** What the JSON of `status` says, or the error that it ended with instead. */
export function readStatus(json: string, errors: string): Seen {
  let status: Status & { error?: string };
  try {
    status = JSON.parse(json) as Status;
  } catch (error) {
    throw new UserError(`Whether the model serves cannot be told: ${errors.trim() || messageOf(error)}`);
  }
  if (status.error !== undefined) throw new UserError(`Whether the model serves cannot be told: ${status.error}`);
  const { ready, phase, detail, trouble, drift } = status;
  const changed = drift.map(({ kind, name, detail: what }) => `${kind} ${name}: ${what}`);
  const found = trouble.map(({ title, evidence }) => `\n  ${title}: ${evidence}`).join("");
  return { changed, trouble: ready ? undefined : `${phase}: ${detail}${found}`, starting: !ready && found === "" };
}
