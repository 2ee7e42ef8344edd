import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "./connection";
import { quoted } from "../text/shell";

/** Without `oc adm`: a cluster admin types that, with a kubeconfig of their own. */
const clusterCommand =
  /\b(kubectl|oc)(?= (?:annotate|create|delete|describe|edit|get|logs|new-project|rollout|scale|uncordon)\b)/g;

/** A text whose kubectl and oc commands name their cluster: whichever other is current is not meant. */
export function aimedAt(text: string, { context, kubeconfig }: ClusterConnection): string {
  const cluster = `${kubeconfig === undefined ? "" : ` --kubeconfig ${word(kubeconfig)}`} --context ${word(context)}`;
  return text.replace(clusterCommand, (tool) => `${tool}${cluster}`);
}

const configCommand = /\bpulumi config (?:set|rm)\b(?![^`&|#\n]* (?:--stack|-s)[ =])/g;
const stackCommand =
  /\bpulumi (?:config(?: set| rm)?|up|refresh|cancel|stack (?:export|import))\b(?![^`&|#\n]* (?:--stack|-s)[ =])/g;

/** The name by which commands mean the stack of this program, whatever the default organization is. */
export function thisStack(): string {
  const organization = pulumi.getOrganization();
  // What self-managed backends call theirs.
  return organization === "organization" ? pulumi.getStack() : `${organization}/${pulumi.getStack()}`;
}

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
