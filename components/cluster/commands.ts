import * as pulumi from "@pulumi/pulumi";
import { quoted } from "../text/shell";
import type { ClusterConnection } from "./connection";

/** What the commands of a text mean, whichever stack and cluster are current where they are typed. */
export interface CommandTarget {
  /** `--stack` of pulumi's commands. */
  readonly stack?: string;
  /** `--kubeconfig` and `--context` of kubectl's and oc's. */
  readonly connection?: ClusterConnection;
  /** Pulumi's commands that set the configuration alone: for a text that speaks of other stacks' updates too. */
  readonly settingsOnly?: true;
}

/** What speaks to the cluster. Without `oc adm`: a cluster admin types that, with a kubeconfig of their own. */
const clusterVerbs = new Set(
  "annotate cordon create delete describe edit get logs new-project rollout scale uncordon".split(" "),
);
/** What is done to one stack, the longest name first. */
const stackCommands = ["config set", "config rm", "stack export", "stack import", "config", "up", "refresh", "cancel"];
const settings = new Set(["config set", "config rm"]);

/** The organization of this stack. A test that names none to Pulumi's mocks gets what self-managed backends call theirs. */
export function thisOrganization(): string {
  try {
    return pulumi.getOrganization();
  } catch {
    return "organization";
  }
}

/** The name by which commands mean the stack of this program, whatever the default organization is. */
export function thisStack(): string {
  const organization = thisOrganization();
  // What self-managed backends call theirs.
  return organization === "organization" ? pulumi.getStack() : `${organization}/${pulumi.getStack()}`;
}

/** A text on mistakes in the arguments of this program's stack: its `pulumi config` commands name it. */
export function namingThisStack(text: string): string {
  return targetedText(text, { stack: thisStack(), settingsOnly: true });
}

/** A sentence whose commands, between backticks, name what they are meant for. Whatever else it says stays as it is. */
export function targetedText(text: string, target: CommandTarget): string {
  return text.replaceAll(/`([^`\n]+)`/g, (_, line: string) => `\`${targetedLine(line, target)}\``);
}

/** A line as it is typed, of one command or several that are joined by `&&`, `;` or `|`. */
export function targetedLine(line: string, target: CommandTarget): string {
  return line
    .split(/( (?:&&|\|\|?) |; )/)
    .map((part, index) => (index % 2 === 0 ? targetedCommand(part, target) : part))
    .join("");
}

function targetedCommand(command: string, target: CommandTarget): string {
  const [, tool = "", rest = ""] = /^(kubectl|oc|pulumi) (.+)$/s.exec(command) ?? [];
  if (tool === "") return command;
  return tool === "pulumi" ? onStack(rest, command, target) : inCluster(tool, rest, command, target);
}

function inCluster(tool: string, rest: string, command: string, { connection }: CommandTarget): string {
  const [verb = ""] = rest.split(" ");
  if (connection === undefined || !clusterVerbs.has(verb)) return command;
  const { context, kubeconfig } = connection;
  return `${tool}${kubeconfig === undefined ? "" : ` --kubeconfig ${word(kubeconfig)}`} --context ${word(context)} ${rest}`;
}

function onStack(rest: string, command: string, { stack, settingsOnly }: CommandTarget): string {
  const name = stackCommands.find((each) => rest === each || rest.startsWith(`${each} `));
  const named = /(^| )(--stack|-s)[ =]/.test(rest.replace(/ #.*$/s, ""));
  if (stack === undefined || name === undefined || named || (settingsOnly && !settings.has(name))) return command;
  return `pulumi ${name} --stack ${stack}${rest.slice(name.length)}`;
}

/** As a POSIX shell takes it for one word. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}
