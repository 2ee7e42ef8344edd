/** What a change means to those who use the model: an outage, and what is gone afterwards. Pure. */
import type { ResolvedArgs } from "../components/resolve";
import { startupLimits } from "../components/limits";
import type { Change, PreviewReport } from "./report";

/** What is lost with an object that is deleted or replaced, by kind. */
const losses: Readonly<Record<string, string>> = {
  Namespace: "everything in the namespace, the claim with the model included",
  PersistentVolumeClaim: "the downloaded model: the next start downloads it again",
  RandomPassword: "the API key: every client needs the new one",
  RandomBytes: "the API key: every client needs the new one",
  Route: "the public URL, unless the new Route has the same host",
  Service: "the URL inside the cluster until the new Service is there",
};

export function lossesOf(changes: readonly Change[]): string[] {
  return changes.flatMap(({ operation, kind, name }) => {
    const loss = operation === "delete" || operation === "replace" ? losses[kind] : undefined;
    return loss === undefined ? [] : [`${kind} ${name} (${operation}): ${loss}`];
  });
}

const download = /\[(MODEL_\w+|HF_ENDPOINT)\]|claimName/;

/** The strategy is Recreate: nothing answers from the end of the old pod until the new one is Ready. */
export function restartOf(changes: readonly Change[], args: ResolvedArgs): PreviewReport["restart"] {
  const deployments = changes.filter(({ kind, operation }) => kind === "Deployment" && operation !== "create");
  const because = deployments.flatMap(({ operation, name, fields }) => {
    if (operation !== "update") return [`Deployment ${name}: ${operation}`];
    return fields.map(({ path }) => path).filter((path) => path.startsWith("spec.template"));
  });
  if (because.length === 0) return undefined;
  if (deployments.every(({ operation }) => operation === "delete")) return { because, phases: [] };
  const limits = startupLimits(args);
  const paths = deployments.flatMap(({ fields }) => fields.map(({ path }) => path));
  const claimGone = changes.some(({ kind, operation }) => kind === "PersistentVolumeClaim" && operation !== "update");
  const downloads = claimGone || paths.some((path) => download.test(path));
  const pulls = paths.some((path) => path.endsWith(".image"));
  return {
    because,
    phases: [
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
    ],
  };
}
