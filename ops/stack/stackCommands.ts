import { ownSettings } from "../../components/config/ownSettings";
import { targetedLine, targetedText } from "../../components/cluster/commands";
import type { Symptom } from "../../components/symptoms";
import { isEmbedded, type OpsStack } from "./openStack";

/** What of a stack its commands name. */
export type CommandStack = Pick<OpsStack, "name" | "directory" | "connection"> &
  Partial<Pick<OpsStack, "args" | "models">>;

/** A row's command for this stack; the pod's name where there is one. */
export function rowCommand(
  { command }: Symptom,
  stack: CommandStack & Pick<OpsStack, "target" | "args">,
  pod = "<pod>",
): string | undefined {
  const { name, target, args } = stack;
  const values: Readonly<Record<string, string>> = {
    stack: name,
    namespace: target.namespace,
    deployment: target.deployment,
    claim: target.claim,
    route: target.route ?? "<route>",
    account: args.names.serviceAccount,
    pod,
  };
  return (
    command &&
    commandFor(
      command.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole),
      stack,
    )
  );
}

/** A command as it is typed for this stack. The embedded cluster's tools and backend are known to no shell by themselves. */
export function commandFor(command: string, stack: CommandStack): string {
  const there = isEmbedded(stack) && /^(kubectl|oc|pulumi) /.test(command);
  const target = { stack: stack.name, connection: stack.connection };
  return `${there ? 'settings=$(npm run -s local -- env) && eval "$settings" && ' : ""}${targetedLine(ofModel(command, stack), target)}`;
}

/** Of several models, this one is meant: a command needs its name, and a setting beside the map would be every model's. */
function ofModel(command: string, { args, models = [] }: CommandStack): string {
  if (args === undefined || models.length < 2) return command;
  const named = command.replaceAll(
    /(npm run ops -- [^&|]*?--stack [^\s&|]+)(?![^\s&|]| --model)/g,
    `$1 --model ${args.component}`,
  );
  return ownSettings(named, args.component);
}

/** A text whose commands name this stack and its cluster: whichever others are current, none of them is meant. */
export function textFor(text: string, { name, connection }: CommandStack): string {
  return targetedText(text, { stack: name, connection });
}
