import type { ClusterConnection } from "./cluster";
import { quoted } from "./shell";

const clusterCommand =
  /\b(kubectl|oc)(?= (?:adm|annotate|create|delete|describe|edit|get|logs|new-project|rollout|scale|uncordon)\b)/g;

/** A text whose kubectl and oc commands name their cluster: whichever other is current is not meant. */
export function aimedAt(text: string, { context, kubeconfig }: ClusterConnection): string {
  const cluster = `${kubeconfig === undefined ? "" : ` --kubeconfig ${word(kubeconfig)}`} --context ${word(context)}`;
  return text.replace(clusterCommand, (tool) => `${tool}${cluster}`);
}

/** As a POSIX shell takes it for one word. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}
