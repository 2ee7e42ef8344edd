import type { ContainerView, PodView } from "../../components/readiness/snapshot";
import { ago, rows, styled, wrappedList } from "../terminal/print";
import type { Status } from "./statusModel";
import { faultText } from "../stack/simulation";
import { toldText } from "../stack/toldVersion";

/** Beside the labels it fits a terminal of 120 columns. */
const listWidth = 106;

/** One screen for people. */
export function statusText(status: Status): string {
  const { ready, phase, detail, servedNames, route, drift, missingRights } = status;
  const served = servedNames.configured.join(", ");
  const verdict = ready ? styled("green", "serving") : styled(status.trouble.length > 0 ? "red" : "yellow", phase);
  const played = status.simulated ? styled("dim", " (simulated)") : "";
  return rows([
    ["stack", `${styled("bold", status.stack)} on context ${status.context}, namespace ${status.namespace}`],
    ["rollout", [`${verdict}: ${detail}`, ...severalPods(status)].join("\n")],
    ...(status.fault === undefined ? [] : [["fault", styled("yellow", faultText(status.fault))] as const]),
    ...status.trouble.map(({ title, evidence, lastLines, mend, remedy }): [string, string] => [
      "trouble",
      [
        styled("red", title) + played,
        oneLine(evidence),
        ...lastLines.map((line) => `| ${line}`),
        `mend: ${mend}`,
        `      ${remedy}`,
      ].join("\n"),
    ]),
    ...status.pods.map((pod): [string, string] => ["pod", podText(pod, played)]),
    ["model", modelText(status) + played],
    ...(status.vllm === undefined ? [] : [["vLLM", toldText(status.vllm)] as const]),
    ["node", status.node + played],
    ["claim", status.claim + played],
    ["Route", route ? routeText(route) + played : "none"],
    [
      "names",
      servedNames.published && servedNames.published.join(", ") !== served
        ? `${served} (published: ${servedNames.published.join(", ")})`
        : served,
    ],
    ["aliases", wrappedList(status.aliases.split(", "), listWidth)],
    ["drift", driftText(drift)],
    ["last write", lastWriteText(status)],
    ...(missingRights.length > 0 ? [["not seen", missingRights.map(notSeen).join("\n")] as [string, string]] : []),
  ]);
}

/** What each right would have shown. */
const shows: Readonly<Record<string, string>> = {
  "get nodes/proxy": "how full the claim is",
  "get nodes": "the node's GPUs",
  "list nodes": "why no node fits",
  "get persistentvolumeclaims": "the claim",
  "get configmaps": "the published names",
  "list pods": "the pods",
  "list events": "what the cluster said of them",
  "list replicasets": "which pod is the newest",
  "get routes": "the Route",
  "get roles": "whether the SCC's Role has drifted",
  "get rolebindings": "whether the SCC's RoleBinding has drifted",
  "get services": "whether the Service has drifted",
  "get secrets": "whether the Secrets are there",
  "get serviceaccounts": "whether the ServiceAccount is there",
  "get namespaces": "whether the Namespace has drifted",
};

export function notSeen(right: string): string {
  return `${shows[right] ?? "a part of it"}: the right to ${right} is missing`;
}

/** A model that serves may still be one pod too many. */
function severalPods({ ready, pods, stack }: Status): string[] {
  const living = pods.filter(({ phase, terminating }) => phase !== "Failed" && phase !== "Succeeded" && !terminating);
  if (!ready || living.length < 2) return [];
  return [styled("yellow", `but ${living.length} pods share one claim: npm run ops -- doctor --stack ${stack}`)];
}

function podText(pod: PodView, played: string): string {
  const state = pod.terminating ? "terminating" : (pod.phase ?? "?");
  const containers = (pod.containers ?? []).map((container) => `  ${container.name}: ${containerText(container)}`);
  return [`${pod.name}, ${state}, ${ago(pod.age)} old${played}`, ...containers].join("\n");
}

export function containerText(container: ContainerView): string {
  const { running, ready, started, init, waiting, terminated, last, restarts = 0 } = container;
  const state = running
    ? ready
      ? "ready"
      : started && !init
        ? "running, not ready"
        : "running"
    : terminated
      ? terminated.exitCode === 0
        ? "done"
        : `ended with exit code ${terminated.exitCode}`
      : (waiting?.reason ?? "waiting");
  const before =
    last && !terminated
      ? `, the last run ended with exit code ${last.exitCode}${last.reason && last.reason !== "Error" ? ` (${last.reason})` : ""}`
      : "";
  return `${state}${restarts > 0 ? `, ${restarts} restart${restarts === 1 ? "" : "s"}` : ""}${restarts > 0 ? before : ""}`;
}

function modelText({ model }: Status): string {
  if (!("commit" in model)) return `${model.id}, not known to be whole (no word of the downloader)`;
  return `${model.id}@${model.commit}, ${model.size}${model.verified === undefined ? "" : `, verified ${model.verified}`}`;
}

function routeText({ host, admitted, certificate }: NonNullable<Status["route"]>): string {
  const state = admitted ? styled("green", "admitted") : styled("red", "not admitted");
  return `https://${host ?? "?"} ${state}; certificate ${certificate}`;
}

/** When the stack's state was last written, or why that is not known. */
export function lastWriteText(status: Pick<Status, "lastUp" | "stateTrouble" | "noStack">): string {
  const { lastUp, stateTrouble, noStack } = status;
  if (lastUp !== undefined) return `${lastUp.replace(/\.\d+.*$/, "")} (the stack's state)`;
  if (stateTrouble === undefined) return "never: the stack's state is empty";
  return noStack ? "the stack has no state here" : `not known: ${oneLine(stateTrouble)}`;
}

function driftText(drift: Status["drift"]): string {
  if (drift.length === 0) return "none";
  const shown = drift.slice(0, 8).map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`);
  return [...shown, ...(drift.length > 8 ? [`and ${drift.length - 8} more`] : [])]
    .map((line) => styled("yellow", line))
    .join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").slice(0, 400);
}
