import type { Status } from "./statusModel";
import type { Command } from "commander";
import { lastWords, readMore } from "../../components/readiness/report";
import type { Snapshot } from "../../components/readiness/snapshot";
import { exitCodes } from "../terminal/exitCodes";
import { differences, wantedObjects } from "../stack/differences";
import { textFor, rowCommand, commandFor } from "../stack/stackCommands";
import { modelOf } from "../stack/modelOnClaim";
import { mainPod, type Observation, observeDeployed } from "../stack/observe";
import type { OpsStack } from "../stack/openStack";
import { faultSet, isSimulated } from "../stack/simulation";
import { gatewayOutputs } from "../stack/gatewayOutputs";
import { readState } from "../stack/state";
import { toldVersion } from "../stack/toldVersion";
import { print, printJson } from "../terminal/print";
import { statusText } from "./statusText";
import { claimText, nodeText, publishedNames, routeOf, tlsCertificate } from "./statusParts";
import { stackToLookAt } from "./options";

export function addStatus(command: Command): void {
  command.option("--json", "the same as JSON").action(async (options: { json?: boolean }, command: Command) => {
    const stack = await stackToLookAt(command);
    const found = await readStatus(stack);
    if (options.json) printJson(found);
    else print(statusText(found));
    process.exitCode = found.ready ? exitCodes.fine : exitCodes.trouble;
  });
}

export async function readStatus(stack: OpsStack): Promise<Status> {
  // What the CLI is asked takes the longest, and needs no cluster.
  const [{ client, seen }, state, gateway] = await Promise.all([
    stack.client().then(async (client) => ({ client, seen: await observeDeployed(client, stack) })),
    readState(stack),
    gatewayOutputs(stack),
  ]);
  const pod = mainPod(seen.snapshot);
  const rights = new Set(seen.snapshot.missingRights);
  const [model, node, claim, published, drift, certificate, fault] = await Promise.all([
    pod && modelOf(client, stack.target, pod),
    nodeText(client, rights, pod),
    claimText(client, rights, stack.target, pod?.node),
    publishedNames(client, rights, stack),
    differences(client, wantedObjects(stack.args), `${stack.project}/${stack.name}`),
    certificateOf(seen.snapshot),
    faultSet(stack),
  ]);
  // What may not be read has not drifted for all that anybody knows.
  for (const { kind } of drift.filter(({ problem }) => problem === "unreadable"))
    rights.add(`get ${kind.toLowerCase()}s`);
  const vllm = toldVersion(stack, state);
  return {
    stack: stack.name,
    context: stack.connection.context,
    namespace: stack.target.namespace,
    ready: seen.standing.phase === "ready",
    phase: seen.standing.phase,
    detail: seen.standing.detail,
    trouble: troubleOf(seen, stack),
    pods: seen.snapshot.pods,
    model: model ?? { id: stack.args.modelId },
    ...(vllm !== undefined && { vllm }),
    node,
    claim,
    route:
      stack.target.route === undefined
        ? undefined
        : {
            ...routeOf(seen.snapshot, stack.target),
            certificate,
          },
    servedNames: { configured: stack.args.servedModelNames, published },
    aliases: "missing" in gateway ? `none known: ${gateway.missing}` : (gateway.aliases ?? []).join(", "),
    drift: drift.filter(({ problem }) => problem !== "unreadable"),
    lastUp: "missing" in state ? undefined : state.time,
    ...("missing" in state && { stateTrouble: state.missing, ...(state.noStack && { noStack: true }) }),
    missingRights: [...rights],
    ...(stack.mistakes !== undefined && { mistakes: stack.mistakes }),
    ...(isSimulated(stack) && { simulated: true }),
    ...(fault !== undefined && { fault }),
  };
}

/** What stands in the way, in the words of `up`. */
export function troubleOf({ findings, snapshot }: Observation, stack: OpsStack): Status["trouble"] {
  return findings.map((finding) => ({
    title: finding.symptom.title,
    evidence: finding.evidence,
    lastLines: shortWords(lastWords(finding, snapshot), finding.root),
    mend: rowCommand(finding.symptom, stack, finding.pod) ?? commandFor(readMore(finding, stack.target), stack),
    remedy: textFor(finding.symptom.remedy, stack),
  }));
}

/** The line that says why with its neighbours, else the last lines. */
function shortWords(words: string[], root: string | undefined): string[] {
  const at = root === undefined ? -1 : words.findIndex((line) => line.includes(root.slice(0, 80)));
  return at < 0 ? words.slice(-3) : words.slice(Math.max(0, at - 1), at + 2);
}

async function certificateOf({ route }: Snapshot): Promise<string> {
  const host = route?.host;
  return host === undefined ? "no host yet" : tlsCertificate(host);
}
