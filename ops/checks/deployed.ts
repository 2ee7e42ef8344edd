import { findModel } from "../../components/capacity/models";
import { symptom } from "../../components/symptoms";
import { endedWords, ending } from "../../components/readiness/exits";
import { notReady, type Standing, unadmitted } from "../../components/readiness/phase";
import { lastWords, readMore, where } from "../../components/readiness/report";
import type { Snapshot } from "../../components/readiness/snapshot";
import { redactLines } from "../../components/text/redact";
import type { OpsStack } from "../stack/openStack";
import { rowCommand } from "../stack/stackCommands";
import { mainPod } from "../stack/observe";
import { toldText, toldVersion } from "../stack/toldVersion";
import { times } from "../terminal/print";
import {
  type Check,
  type Checked,
  type CheckFinding,
  fine,
  type LiveContainer,
  type LiveDeployment,
  type Skipped,
} from "./check";
import { objects, upCommand } from "./objects";

/** What can be wrong with what is deployed. */
export const deployedChecks: readonly Check[] = [
  { id: "start-up", title: "start-up", deployed: true, simulated: true, run: startUp },
  { id: "pods", title: "pods", deployed: true, simulated: true, run: pods },
  { id: "objects", title: "objects", deployed: true, run: objects },
  { id: "service-links", title: "service links", deployed: true, run: serviceLinks },
  { id: "offline-mode", title: "offline mode", deployed: true, run: offlineMode },
  { id: "strategy", title: "strategy", deployed: true, run: strategy },
  { id: "served-names", title: "served names", deployed: true, run: servedNames },
  { id: "tool-parser", title: "tool-call parser", deployed: true, run: toolParser },
  { id: "image", title: "image", deployed: true, run: image },
  { id: "route", title: "Route", deployed: true, simulated: true, run: route },
];

function startUp(context: Checked): CheckFinding | CheckFinding[] {
  const { seen, stack } = context;
  if (!seen) throw new Error("a deployment was promised");
  const { standing, findings, snapshot } = seen;
  const rights: CheckFinding[] =
    snapshot.missingRights.length === 0
      ? []
      : [
          {
            severity: "warning",
            evidence: `not seen for want of rights: ${snapshot.missingRights.join(", ")}`,
            mend: `oc adm policy add-role-to-user view <you> -n ${stack.target.namespace}`,
          },
        ];
  const found = findings.map((finding): CheckFinding => {
    const words = lastWords(finding, snapshot).map((line) => `  | ${line}`);
    const said = finding.evidence.replace(/\s*\n\s*/g, " ").slice(0, 500);
    return {
      severity: finding.patience === Infinity && standing.phase === "ready" ? "warning" : "error",
      evidence: [`${finding.symptom.title}: ${said} (${where(finding, stack.target)})`, ...words].join("\n"),
      mend: rowCommand(finding.symptom, stack, finding.pod) ?? readMore(finding, stack.target),
      remedy: `${finding.symptom.remedy}; more: \`${readMore(finding, stack.target)}\``,
    };
  });
  if (found.length > 0) return [...found, ...rights];
  if (standing.phase === "ready") return [fine(standing.detail), ...restarts(context), ...rights];
  return [waiting(standing, snapshot, stack), ...rights];
}

/** A server that has started and does not serve may have served for weeks: that is told from one that is still starting. */
function waiting({ phase, detail, pod }: Standing, snapshot: Snapshot, stack: OpsStack): CheckFinding {
  const probed = phase === "probing" ? notReady(snapshot, pod) : undefined;
  if (probed === undefined) {
    const mend = `npm run ops -- logs -f --stack ${stack.name}   # it is still starting`;
    return { severity: "warning", evidence: `${phase}: ${detail}`, mend };
  }
  const row = symptom("server-not-ready");
  const mend = rowCommand(row, stack, pod?.name);
  return {
    severity: "error",
    evidence: `${row.title}: ${probed}`,
    ...(mend !== undefined && { mend }),
    remedy: row.remedy,
  };
}

/** A server that serves now may have crashed before. */
function restarts({ seen, stack }: Checked): CheckFinding[] {
  const pod = seen && mainPod(seen.snapshot);
  if (!pod) return [];
  return (pod.containers ?? []).flatMap((container): CheckFinding[] => {
    const { restarts: count = 0, last, name } = container;
    if (count === 0 || !last) return [];
    const area = name === stack.target.downloaderContainer ? "downloader" : "server";
    const words = container.running ? endedWords(pod, container, seen.snapshot) : redactLines(last.message ?? "");
    const { symptom: row, root } = ending(container, last, words, stack.target);
    const said = root === undefined ? "" : ` (${root})`;
    const evidence = `${name} has been restarted ${times(count)}, the last run ended with exit code ${last.exitCode}: ${row.title}${said}`;
    return [
      {
        severity: "warning",
        evidence,
        mend: rowCommand(row, stack, pod.name) ?? `npm run ops -- logs ${area} --previous --stack ${stack.name}`,
        remedy: row.remedy,
      },
    ];
  });
}

function pods({ seen, stack }: Checked): CheckFinding | Skipped {
  if (!seen || seen.snapshot.missingRights.includes("list pods"))
    return { skipped: "the right to list pods is missing" };
  const living = seen.snapshot.pods.filter(
    ({ phase, terminating }) => phase !== "Failed" && phase !== "Succeeded" && !terminating,
  );
  const replicas = seen.snapshot.deployment?.replicas ?? 1;
  const names = living.map(({ name }) => name).join(", ");
  if (replicas <= 1 && living.length <= 1) return fine(names === "" ? "no pod" : names);
  const evidence = `${living.length} pods (${names}) and ${replicas} replicas share a ReadWriteOnce claim: all but one node's pods hang`;
  return {
    severity: "error",
    evidence,
    mend: `pulumi up --refresh --stack ${stack.name}   # or at once: kubectl scale deployment/${stack.target.deployment} -n ${stack.target.namespace} --replicas=1`,
  };
}

function live({ deployment }: Checked): LiveDeployment {
  if (!deployment) throw new Error("a deployment was promised");
  return deployment;
}

function container(context: Checked, name: string): LiveContainer | undefined {
  const { initContainers = [], containers } = live(context).spec.template.spec;
  return [...initContainers, ...containers].find((each) => each.name === name);
}

function serviceLinks(context: Checked): CheckFinding {
  if (live(context).spec.template.spec.enableServiceLinks === false) return fine("enableServiceLinks is false");
  return {
    severity: "error",
    evidence: "enableServiceLinks is not false: the Service's VLLM_PORT crashes the server",
    mend: upCommand(context),
  };
}

function offlineMode(context: Checked): CheckFinding {
  const variable = container(context, context.stack.target.downloaderContainer)?.env?.find(
    ({ name }) => name === "HF_HUB_OFFLINE",
  );
  if (variable?.value === "0") return fine("HF_HUB_OFFLINE is 0");
  return {
    severity: "error",
    evidence: `HF_HUB_OFFLINE is ${variable?.value ?? "unset"}: the image sets it to 1`,
    mend: upCommand(context),
  };
}

function strategy(context: Checked): CheckFinding {
  const type = live(context).spec.strategy?.type;
  if (type === "Recreate") return fine("Recreate");
  return {
    severity: "error",
    evidence: `the strategy is ${type ?? "RollingUpdate"}: a new pod waits for the claim that the old one holds`,
    mend: upCommand(context),
  };
}

function servedNames(context: Checked): CheckFinding {
  const { args } = context.stack;
  const wanted = args.servedModelNames;
  const found = flag(context, "--served-model-name");
  if (found.length === 0)
    return {
      severity: "error",
      evidence: "--served-model-name is not set: /v1/models answers with a local path",
      mend: upCommand(context),
    };
  const lacking = wanted.filter((name) => !found.includes(name));
  if (lacking.length === 0) return fine(found.join(", "));
  return {
    severity: "warning",
    evidence: `served are ${found.join(", ")}, not ${lacking.join(", ")}`,
    mend: upCommand(context),
  };
}

/** The values after a flag of the server's command line. */
function flag(context: Checked, name: string): string[] {
  const { command = [], args = [] } = container(context, context.stack.target.serverContainer) ?? {};
  const all = [...command, ...args];
  const at = all.indexOf(name);
  if (at < 0) return [];
  const rest = all.slice(at + 1);
  const end = rest.findIndex((word) => word.startsWith("--"));
  return end < 0 ? rest : rest.slice(0, end);
}

function toolParser(context: Checked): CheckFinding | Skipped {
  const [parser] = flag(context, "--tool-call-parser");
  const { modelId, enableAutoToolChoice } = context.stack.args;
  if (!enableAutoToolChoice) return { skipped: "tool calls are switched off" };
  const row = symptom("wrong-tool-parser");
  const known = findModel(modelId)?.family.toolCallParsers;
  if (parser === undefined)
    return {
      severity: "error",
      evidence: "no --tool-call-parser: tool calls come back as text",
      mend: upCommand(context),
    };
  if (known === undefined) return { skipped: `${modelId} is not in this program's list of models; ${parser} is set` };
  if (known.includes(parser)) return fine(`${parser} for ${modelId}`);
  return {
    severity: "error",
    evidence: `${parser} is set: ${row.sees}`,
    mend: `pulumi config set toolCallParser ${known[0] ?? ""} --stack ${context.stack.name} && ${upCommand(context)}`,
  };
}

function image(context: Checked): CheckFinding {
  const name = container(context, context.stack.target.serverContainer)?.image ?? "?";
  const version = toldVersion(context.stack, context.state);
  if (!/(^|\/)vllm\/vllm-openai\b/.test(name))
    return fine(version === undefined ? name : `${name}: vLLM ${toldText(version)}`);
  const row = symptom("server-cuda-requirement");
  return {
    severity: "error",
    evidence: `${name} refuses drivers above 570.x (NVIDIA_REQUIRE_CUDA)`,
    mend: `pulumi config rm image --stack ${context.stack.name} && ${upCommand(context)}`,
    remedy: row.remedy,
  };
}

async function route(context: Checked): Promise<CheckFinding | CheckFinding[] | Skipped> {
  const { client, seen, stack } = context;
  const { target, args } = stack;
  if (target.route === undefined) return { skipped: "there is none (routeEnabled is false)" };
  const path = `/apis/route.openshift.io/v1/namespaces/${target.namespace}/routes/${target.route}`;
  const object = (await client.get(path))?.body as
    { metadata: { annotations?: Record<string, string> }; spec: { path?: string } } | undefined;
  if (!object)
    return {
      severity: "error",
      evidence: `Route ${target.route} does not exist`,
      mend: `pulumi up --refresh --stack ${stack.name}`,
    };
  const { host, ingress = [] } = seen?.snapshot.route ?? {};
  const served = seen !== undefined && !unadmitted(seen.snapshot, target);
  const timeout = object.metadata.annotations?.["haproxy.router.openshift.io/timeout"];
  const found: CheckFinding[] = [];
  const elsewhere = ingress.find((router) => router.admitted === "True")?.host;
  if (!served && elsewhere !== undefined)
    found.push({
      severity: "error",
      evidence: `its router exposes it as ${elsewhere}, not as ${host ?? "?"}, the host that the stack publishes`,
      mend: `pulumi config set routeHost ${elsewhere} --stack ${stack.name} && ${upCommand(context)}`,
    });
  else if (!served)
    found.push({
      severity: "error",
      evidence: `not admitted: ${ingress.find((router) => router.admitted === "False")?.message ?? "no router has looked at it"}`,
      mend: `kubectl describe route ${target.route} -n ${target.namespace}`,
    });
  if (timeout !== args.routeTimeout) {
    const evidence = `its timeout is ${timeout ?? "the router's default of 30 s: long answers end in 504"}, the stack wants ${args.routeTimeout}`;
    found.push({ severity: "error", evidence, mend: `pulumi up --refresh --stack ${stack.name}` });
  }
  if (seen?.standing.phase !== "ready" && served)
    found.push({ severity: "note", evidence: "it answers 503 until the pod is ready" });
  return found.length > 0 ? found : fine(`https://${host ?? "?"}, timeout ${timeout ?? "?"}`);
}
