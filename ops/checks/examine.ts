import { ApiError } from "../../components/cluster/apiError";
import { messageOf } from "../../shared/errors";
import { backendChecks } from "./backend";
import type { Answer, Check, CheckFinding, DoctorContext, LiveDeployment, Severity } from "./check";
import { clusterChecks } from "./cluster";
import { deployedChecks } from "./deployed";
import { gatewayChecks } from "./gateway";
import { gpuChecks } from "./gpu";
import { hubChecks } from "./hub";
import { leftoverChecks } from "./leftovers";
import { rightsChecks } from "./rights";
import { type ExitCode, exitCodes, OpsError } from "../terminal/exitCodes";
import { Stopped } from "../terminal/interrupt";
import { textFor, commandFor } from "../stack/stackCommands";
import { observe } from "../stack/observe";
import { isEmbedded, type OpsStack } from "../stack/openStack";
import { endOfFault, faultSet, faultText, isSimulated } from "../stack/simulation";
import { readState } from "../stack/state";

/** Every check that needs the cluster, in the order in which they are shown. */
export const checks: readonly Check[] = [
  ...clusterChecks,
  ...rightsChecks,
  ...gpuChecks,
  ...hubChecks,
  ...leftoverChecks,
  ...deployedChecks,
  ...gatewayChecks,
];

/** Shown only where there is a mistake. */
const configurationCheck = { id: "configuration", title: "configuration" };

/** Shown only where a fault is set. */
const faultCheck = { id: "fault", title: "fault that is set" };

/** A check with what it has found. */
export interface Result {
  id: string;
  title: string;
  findings: CheckFinding[];
  skipped?: string;
  /** Whether the embedded cluster only plays what was looked at. */
  simulated?: true;
}

/** What `doctor` has found. */
export interface Examination {
  results: Result[];
  /** How the command ends where nothing of the cluster could be seen. */
  unseen?: ExitCode;
}

/** Runs every check; `onResult` is called as each is done. With `probe`, pods ask from inside the cluster. */
export async function examine(
  stack: OpsStack,
  onResult: (result: Result) => void,
  probe = false,
): Promise<Examination> {
  const results: Result[] = [];
  const played = isSimulated(stack);
  const done = (check: Pick<Check, "id" | "title" | "simulated">, found: Answer): void => {
    const { id, title } = check;
    const skipped = "skipped" in found;
    const findings = skipped ? [] : [found].flat().map((finding) => named(finding, stack));
    const result: Result = {
      id,
      title,
      findings,
      ...(skipped && { skipped: textFor(found.skipped, stack) }),
      ...(played && check.simulated && { simulated: true }),
    };
    results.push(result);
    onResult(result);
  };
  const state = await readState(stack);
  const offline = { stack, state, probe, client: undefined, seen: undefined, deployment: undefined };
  if (stack.mistakes !== undefined) done(configurationCheck, { severity: "error", evidence: stack.mistakes });
  for (const check of backendChecks) done(check, await check.run(offline as never));
  const context = await contextOf(stack, offline).catch((error: unknown) => {
    if ((error instanceof OpsError && !(error instanceof Stopped)) || error instanceof ApiError) return error;
    throw error;
  });
  if (context instanceof Error) {
    const [cluster, ...others] = checks;
    const { mend, skipped, exitCode } = obstacle(context, stack);
    // What the first finding has told is not told twice.
    const told = context.message === stack.mistakes;
    const evidence = told ? "none is asked: the configuration names no context" : messageOf(context);
    done(cluster!, { severity: "error", evidence, mend });
    for (const check of others) done(check, { skipped });
    return { results, unseen: exitCode };
  }
  const fault = await faultSet(stack);
  if (fault !== undefined) done(faultCheck, { severity: "warning", evidence: faultText(fault), mend: endOfFault });
  for (const check of checks) done(check, await runCheck(check, context));
  return { results };
}

/** Why nothing of the cluster can be seen: a mistake in the stack's configuration lasts until that is mended. */
function obstacle(error: Error, stack: OpsStack): { mend: string; skipped: string; exitCode: ExitCode } {
  if (error instanceof OpsError && error.exitCode === exitCodes.usage) {
    const mend = `pulumi config set kubeContext <context> --stack ${stack.name}`;
    return { mend, skipped: "the stack's configuration names no known cluster", exitCode: exitCodes.usage };
  }
  const look = "kubectl get namespaces   # shows the same; log in again, or mend the network";
  const mend = isEmbedded(stack) ? "npm run local" : look;
  return { mend, skipped: "the cluster does not answer", exitCode: exitCodes.unreachable };
}

/** What is to be typed names the stack and its cluster, whichever check has said it. */
function named(finding: CheckFinding, stack: OpsStack): CheckFinding {
  const { mend, remedy } = finding;
  return {
    ...finding,
    ...(mend !== undefined && { mend: commandFor(mend, stack) }),
    ...(remedy !== undefined && { remedy: textFor(remedy, stack) }),
  };
}

async function contextOf(
  stack: OpsStack,
  offline: DoctorContext,
): Promise<DoctorContext & { client: NonNullable<DoctorContext["client"]> }> {
  const client = await stack.client();
  await client.get("/version");
  const path = `/apis/apps/v1/namespaces/${stack.target.namespace}/deployments/${stack.target.deployment}`;
  try {
    const deployment = (await client.get(path))?.body as LiveDeployment | undefined;
    return { ...offline, client, deployment, seen: deployment && (await observe(client, stack.target)) };
  } catch (error) {
    // The check of the rights names what is missing.
    if (error instanceof ApiError && error.status === 403) return { ...offline, client };
    throw error;
  }
}

async function runCheck(check: Check, context: Parameters<Check["run"]>[0]): Promise<Answer> {
  if (check.deployed && !context.seen) return { skipped: "nothing is deployed" };
  try {
    return await check.run(context);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 403) return { skipped: `a right is missing: ${error.message}` };
    return { severity: "warning", evidence: `the cluster answered ${error.status}: ${error.message}` };
  }
}

/** How bad it is altogether. */
export function worst(results: readonly Result[]): Severity {
  const order: readonly Severity[] = ["ok", "note", "warning", "error"];
  const all = results.flatMap(({ findings }) => findings.map(({ severity }) => order.indexOf(severity)));
  return order[Math.max(0, ...all)]!;
}
