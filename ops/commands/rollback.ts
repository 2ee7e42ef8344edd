import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { messageOf } from "../../shared/errors";
import { type Earlier, earlierThan, type Update } from "../rollback/history";
import { setBack } from "../rollback/stackFile";
import { commandFor } from "../stack/stackCommands";
import { writeWhole } from "../stack/writeWhole";
import type { OpsStack } from "../stack/openStack";
import { confirm } from "../terminal/confirm";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { print, rows, styled } from "../terminal/print";
import { progress } from "../terminal/progress";
import { stackOf } from "./options";

interface Options {
  yes?: boolean;
}

/** Updates of the stack that are looked at, the newest first. */
const historyLength = 100;

export function addRollback(command: Command): void {
  command.option("-y, --yes", "do not ask").action(async (options: Options, command: Command) => {
    await rollback(await stackOf(command), options);
  });
}

async function rollback(stack: OpsStack, { yes = false }: Options): Promise<void> {
  const { name, project, args, given } = stack;
  const model = args.component;
  const updates = await historyOf(stack);
  const found = earlierThan(given, updates, { project, model, folder: stack.directory });
  if (!found) throw new OpsError(nothingText(stack, updates), exitCodes.nothingDeployed);
  const file = path.join(stack.directory, `Pulumi.${name}.yaml`);
  const old = await readFile(file, "utf8");
  const text = setBack(old, project, model, found.differences);
  print(differenceText(stack, found));
  await confirm(
    `Stack '${name}' on context ${stack.connection.context}: write this to Pulumi.${name}.yaml and run \`pulumi up\`? ${model} restarts, and answers nothing meanwhile.`,
    yes,
  );
  if ((await readFile(file, "utf8")) !== old)
    throw new OpsError(`${file} has changed while the question stood. Nothing was changed here; type it again.`);
  await writeWhole(file, text);
  const shown = progress();
  try {
    shown.say(`pulumi up is at work; what the model does: npm run ops -- logs -f --stack ${name} --model ${model}`);
    const said = await stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
    shown.end();
    print(said.trimEnd());
  } catch (error) {
    shown.end();
    process.stderr.write(
      `Pulumi.${name}.yaml has the earlier settings, and the \`up\` has not come to its end. Again: ${commandFor(`pulumi up --stack ${name}`, stack)}\n`,
    );
    throw error;
  }
  print(`\n${model} is set back. Pulumi.${name}.yaml and the stack's state agree; commit the file where it is in git.`);
}

async function historyOf(stack: OpsStack): Promise<Update[]> {
  const text = await stack.pulumi("stack", "history", "--json", "--page-size", String(historyLength), "--page", "1");
  try {
    return JSON.parse(text) as Update[];
  } catch (error) {
    throw new OpsError(`pulumi stack history is no JSON: ${messageOf(error)}`);
  }
}

function nothingText({ name, args }: OpsStack, updates: readonly Update[]): string {
  const succeeded = updates.filter(({ kind, result }) => kind === "update" && result === "succeeded").length;
  if (succeeded === 0) return `No \`pulumi up\` of stack '${name}' has succeeded yet: there is nothing to go back to.`;
  return (
    `None of the last ${succeeded} updates of stack '${name}' that succeeded had another image, model or server argument for ${args.component} ` +
    `than Pulumi.${name}.yaml has now: there is nothing to go back to.`
  );
}

function differenceText({ args, name }: OpsStack, { update, differences }: Earlier): string {
  const when = update.endTime === undefined ? "" : ` of ${update.endTime}`;
  const lines = differences.map(({ key, now, then }): [string, string] => [key, `${shown(now)} → ${shown(then)}`]);
  const model = differences.find(({ key }) => key === "modelId" || key === "modelRevision");
  const revision =
    model && args.modelRevision === undefined && !differences.some(({ key, then }) => key === "modelRevision" && then)
      ? "\nNo modelRevision is named there: the Hub's newest one is downloaded, whatever it was then."
      : "";
  return `${styled("bold", `${args.component} of stack '${name}', back to the update${when}`)}\n${rows(lines)}${revision}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "(unset)";
  return typeof value === "string" ? value : JSON.stringify(value);
}
