/** What a change means to those who use the model: an outage, and what is gone afterwards. Pure. */
import { startupLimits } from "../components/args/limits";
import type { ResolvedArgs } from "../components/args/resolve";
import { readySeconds, stopSeconds } from "../gateway/limits";
import type { Change, PreviewReport } from "./report";

type Losses = Readonly<Record<string, string>>;

/** What is lost with an object that is deleted or replaced, by kind. */
const losses = {
  Route: "the public URL, unless the new Route has the same host",
  Service: "the URL inside the cluster until the new Service is there",
};

export const inferenceLosses: Losses = {
  ...losses,
  Namespace: "everything in the namespace, the claim with the model included",
  PersistentVolumeClaim: "the downloaded model: the next start downloads it again",
  RandomPassword: "the API key: every client needs the new one",
  RandomBytes: "the API key: every client needs the new one",
};

export const gatewayLosses: Losses = {
  ...losses,
  Namespace: "everything in the namespace",
  RandomPassword: "the master key, which is the clients' key: every client needs the new one",
};

export function lossesOf(changes: readonly Change[], of: Losses): string[] {
  return changes.flatMap(({ operation, kind, name }) => {
    const loss = operation === "delete" || operation === "replace" ? of[kind] : undefined;
    return loss === undefined ? [] : [`${kind} ${name} (${operation}): ${loss}`];
  });
}

const download = /\[(MODEL_\w+|HF_ENDPOINT)\]|claimName/;

type Restart = Pick<PreviewReport, "restart" | "rollout">;

/** What pods read and their template does not show, but by a checksum. */
const read: Readonly<Record<string, string>> = {
  script: "the downloader's scripts",
  token: "the Hugging Face token",
  "chat-template": "the chat template",
  "api-key": "the API key",
  "master-key": "the master key",
  "model-keys": "the models' keys",
};
const checksum = /^spec\.template\.metadata\.annotations\["vllm-inference\/([\w-]+)-checksum"\]$/;

/** Why the Deployment's pods are made anew. */
function reasons({ operation, name, fields }: Change): string[] {
  if (operation !== "update") return [`Deployment ${name}: ${operation}`];
  const paths = fields.map(({ path }) => path).filter((path) => path.startsWith("spec.template"));
  return paths.map((path) => read[checksum.exec(path)?.[1] ?? ""] ?? path);
}

function existingDeployments(changes: readonly Change[]): Change[] {
  return changes.filter(({ kind, operation }) => kind === "Deployment" && operation !== "create");
}

/** The strategy is RollingUpdate without an unavailable pod: only a Deployment that is taken away leaves nobody to answer. */
export function gatewayRestart(changes: readonly Change[]): Restart {
  const deployments = existingDeployments(changes);
  const because = deployments.flatMap(reasons);
  if (because.length === 0) return {};
  if (deployments.every(({ operation }) => operation === "update")) return { rollout: { because, stopSeconds } };
  const gone = deployments.every(({ operation }) => operation === "delete");
  const phases = [
    { what: "the old pods stop (terminationGracePeriodSeconds)", seconds: stopSeconds },
    { what: "the new pods get Ready, or `up` gives up", seconds: readySeconds },
  ];
  return { restart: { of: "gateway", because, phases: gone ? [] : phases } };
}

/**
 * The strategy is Recreate: nothing answers from the end of the old pod until the new one is Ready. Several models restart beside each other:
 * the phases are those of the slowest.
 */
export function inferenceRestart(changes: readonly Change[], models: readonly ResolvedArgs[]): Restart {
  const all = existingDeployments(changes).filter((each) => reasons(each).length > 0);
  const [first] = models;
  if (all.length === 0 || !first) return {};
  const isOnly = models.length === 1 && all.every(({ name }) => name === first.component);
  const because = all.flatMap((each) =>
    reasons(each).map((reason) => (isOnly || each.operation !== "update" ? reason : `${each.name}: ${reason}`)),
  );
  const stay = all.filter(({ operation }) => operation !== "delete");
  const phases = stay.map((each) =>
    phasesOf(each, changes, models.find(({ component }) => component === each.name) ?? first),
  );
  const total = (of: Phases): number => of.reduce((sum, { seconds }) => sum + seconds, 0);
  const [slowest = []] = phases.toSorted((a, b) => total(b) - total(a));
  return { restart: { of: "model", ...(!isOnly && { names: all.map(({ name }) => name) }), because, phases: slowest } };
}

type Phases = NonNullable<PreviewReport["restart"]>["phases"];

function phasesOf({ fields }: Change, changes: readonly Change[], args: ResolvedArgs): Phases {
  const limits = startupLimits(args);
  const paths = fields.map(({ path }) => path);
  const claimGone = changes.some(
    ({ kind, operation, name }) =>
      kind === "PersistentVolumeClaim" &&
      (operation === "delete" || operation === "replace") &&
      name === args.claimName,
  );
  const downloads = claimGone || paths.some((path) => download.test(path));
  const pulls = paths.some((path) => path.endsWith(".image"));
  return [
    {
      what: "the old pod stops and the new one is made (terminationGracePeriodSeconds, schedulingTimeoutSeconds)",
      seconds: limits.replaceSeconds,
    },
    { what: "the new pod finds a node (schedulingTimeoutSeconds)", seconds: limits.scheduleSeconds },
    ...(pulls ? [{ what: "the new image is pulled (imagePullTimeoutSeconds)", seconds: limits.pullSeconds }] : []),
    ...(downloads
      ? [{ what: "the model is downloaded (downloadTimeoutSeconds)", seconds: limits.downloadSeconds }]
      : []),
    { what: "the model is loaded (startupProbe, readinessProbe)", seconds: limits.loadSeconds },
  ];
}
