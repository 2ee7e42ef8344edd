import type { ClusterConnection } from "./cluster";
import { quoted } from "./shell";

const clusterCommand =
  /\b(kubectl|oc)(?= (?:adm|annotate|create|delete|describe|edit|get|logs|new-project|rollout|scale|uncordon)\b)/g;

/** A text whose kubectl and oc commands name their cluster: whichever other is current is not meant. */
export function aimedAt(text: string, { context, kubeconfig }: ClusterConnection): string {
  const cluster = `${kubeconfig === undefined ? "" : ` --kubeconfig ${word(kubeconfig)}`} --context ${word(context)}`;
  return text.replace(clusterCommand, (tool) => `${tool}${cluster}`);
}

const configCommand = /\bpulumi config (?:set|rm)\b(?![^`&|#]* --stack )/g;
const stackCommand =
  /\bpulumi (?:config(?: set| rm)?|up|refresh|cancel|stack (?:export|import))\b(?![^`&|#]* --stack )/g;

/** A text whose pulumi commands name their stack: whichever other is selected is not meant. */
export function onStack(text: string, stack: string): string {
  return text.replace(stackCommand, `$& --stack ${stack}`);
}

/** The same of the commands that configure alone, for a text that speaks of other stacks' updates too. */
export function configuredOn(text: string, stack: string): string {
  return text.replace(configCommand, `$& --stack ${stack}`);
}

/** As a POSIX shell takes it for one word. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}
