import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import type { ClusterClient } from "../../components/cluster/client";
import { ownerAnnotation } from "../../components/manifests/labels";
import { objectPath } from "../../components/hooks/ownership";
import { messageOf } from "../../shared/errors";
import { tell } from "../../shared/terminal";
import { confirm } from "../terminal/confirm";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import {
  type Adoption,
  adoptions,
  importFile,
  keepingConfig,
  leftBehind,
  type LiveObject,
  objection,
} from "../import/plan";
import { losses } from "../import/consequence";
import { remember } from "../import/takeBack";
import {
  appliedInputs,
  fieldManagers,
  handBack,
  type HandedOver,
  handOver,
  useAppliedInputs,
} from "../import/takeOver";
import { withCleanUp } from "../terminal/interrupt";
import { commandFor } from "../stack/stackCommands";
import { progress } from "../terminal/progress";
import type { OpsStack } from "../stack/openStack";
import { changeState, readState } from "../stack/state";
import { print, styled } from "../terminal/print";
import { stackOf } from "./options";

interface Options {
  yes?: boolean;
  file?: string;
}

export function addImport(command: Command): void {
  command
    .option("--file <path>", "where to write the import file (default: Pulumi.<stack>.import.json in the project)")
    .option("-y, --yes", "do not ask")
    .action(async (options: Options, command: Command) => {
      const stack = await stackOf(command);
      await importDeployment(stack, options);
    });
}

interface Found {
  adoption: Adoption;
  live: LiveObject;
}

async function importDeployment(stack: OpsStack, options: Options): Promise<void> {
  const { args, name, project } = stack;
  const file = path.resolve(options.file ?? path.join(stack.directory, `Pulumi.${name}.import.json`));
  if (!existsSync(path.dirname(file)))
    throw new OpsError(`'--file' (${options.file}) must be in a folder that exists; make it first.`, exitCodes.usage);
  const client = await stack.client();
  const asked = await plan(client, stack);
  print(planText(stack, asked.found, asked.config, asked.left));
  await confirm(
    `Take ${asked.found.length} objects of namespace ${args.namespace} on context ${stack.connection.context} into the stack '${name}'?`,
    options.yes === true,
  );
  // Somebody may have applied something while the question stood.
  const { found, state, config, left } = options.yes ? asked : await plan(client, stack);

  const before = await remember(stack);
  const newFile = !existsSync(file);
  const handed: HandedOver[] = [];
  const shown = progress();
  let done = false;
  const settle = async (): Promise<void> => {
    shown.end();
    if (done) return before.forget();
    await inOrder([
      () => before.restore(),
      ...handed.map((each) => () => handBack(client, args.namespace, each)),
      ...(newFile ? [() => rm(file, { force: true })] : []),
    ]);
    tell(
      `Nothing was imported and nothing restarted: the stack's state and configuration are as they were. Again: npm run ops -- import --stack ${name}`,
    );
  };
  const preview = await withCleanUp(settle, async () => {
    for (const [key, value] of Object.entries(config)) await stack.pulumi("config", "set", key, value);
    // A killed import may have come this far.
    const missing = found.filter(
      ({ adoption }) => !state.resources.some(({ urn }) => urn.endsWith(`::${adoption.resource}`)),
    );
    if (missing.length > 0) {
      const provider = `urn:pulumi:${name}::${project}::pulumi:providers:kubernetes::cluster`;
      shown.say("making the provider");
      await stack.pulumi("up", "--target", provider, "--yes", "--skip-preview", "--non-interactive");
      const adopted = missing.map(({ adoption }) => adoption);
      await writeFile(file, `${JSON.stringify(importFile(args, provider, adopted), undefined, 2)}\n`);
      shown.say(`importing ${missing.length} objects by ${file}`);
      const quietly = ["--yes", "--skip-preview", "--generate-code=false", "--non-interactive"];
      await stack.pulumi("import", "--file", file, ...quietly);
    }
    shown.say("writing down what was applied, and by whom");
    await takeOver(client, stack, found, handed);
    shown.say("previewing the next `up`");
    const diff = await stack.pulumi("preview", "--diff", "--non-interactive");
    const lost = losses(await stack.pulumi("preview", "--json", "--non-interactive"));
    if (lost.length > 0) throw new OpsError(lossText(lost));
    done = true;
    return diff;
  });
  print(preview);
  print(afterText(stack, left));
}

/** Each of them, also after one that has failed. */
async function inOrder(steps: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: string[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(messageOf(error)));
  if (failures.length > 0) throw new Error(failures.join("\n"));
}

async function plan(client: ClusterClient, stack: OpsStack) {
  const { args, name } = stack;
  const found = await findObjects(client, stack);
  const state = await readState(stack);
  if ("missing" in state) throw new OpsError(`${state.missing}. \`pulumi stack init ${name}\` makes the stack.`);
  const config = keepingConfig(args, found.find(({ adoption }) => adoption.kind === "PersistentVolumeClaim")?.live);
  return { found, state, config, left: await leftovers(client, args.namespace) };
}

async function findObjects(client: ClusterClient, stack: OpsStack): Promise<Found[]> {
  const { args, project, name } = stack;
  const read = await Promise.all(
    adoptions(args).map(async (adoption) => ({ adoption, live: await get(client, args.namespace, adoption) })),
  );
  const found = read.flatMap(({ adoption, live }): Found[] => (live ? [{ adoption, live }] : []));
  const deployment = found.find(({ adoption }) => adoption.kind === "Deployment");
  if (!deployment) {
    throw new OpsError(
      `There is nothing to import: namespace ${args.namespace} has no Deployment ${args.names.deployment}.`,
      exitCodes.nothingDeployed,
    );
  }
  if (deployment.live.metadata.annotations?.[ownerAnnotation]?.endsWith(`/${project}/${name}`)) {
    throw new OpsError(`Deployment ${args.names.deployment} is this stack's already: there is nothing to import.`);
  }
  const objections = found.flatMap(({ adoption, live }) => objection(adoption, live, args, `${project}/${name}`) ?? []);
  if (objections.length > 0)
    throw new OpsError(`Nothing was changed:\n${objections.map((text) => `  ${text}.`).join("\n")}`);
  return found;
}

async function get(
  client: ClusterClient,
  namespace: string,
  object: { apiVersion: string; kind: string; name: string },
): Promise<LiveObject | undefined> {
  return (await client.get(objectPath({ ...object, namespace })))?.body as LiveObject | undefined;
}

async function leftovers(client: ClusterClient, namespace: string): Promise<(typeof leftBehind)[number][]> {
  const there = await Promise.all(leftBehind.map((object) => get(client, namespace, { apiVersion: "v1", ...object })));
  return leftBehind.filter((_, index) => there[index] !== undefined);
}

/** Tells in `handed` whose fields have become Pulumi's, also of an attempt that fails half way. */
async function takeOver(
  client: ClusterClient,
  stack: OpsStack,
  found: readonly Found[],
  handed: HandedOver[],
): Promise<void> {
  const inputs = new Map(
    found.flatMap(({ adoption, live }) => {
      const applied = appliedInputs(live);
      return applied ? [[adoption.resource, applied] as const] : [];
    }),
  );
  const managers = await changeState(stack, (state) => {
    useAppliedInputs(state, inputs);
    return fieldManagers(state);
  });
  for (const { adoption } of found) {
    const manager = managers.get(adoption.resource);
    const over = manager && (await handOver(client, stack.args.namespace, adoption, manager));
    if (over) handed.push(over);
  }
}

function lossText(lost: readonly string[]): string {
  return [
    "Nothing was imported, because the next `up` would take something away:",
    ...lost.map((text) => `  ${text}.`),
    "Have the stack's configuration say what the live object is (`kubectl get <kind> <name> -o yaml` shows it), or keep a claim out of the stack with `existingClaim`.",
  ].join("\n");
}

function planText(
  { args, name }: OpsStack,
  found: readonly Found[],
  config: Record<string, string>,
  left: readonly (typeof leftBehind)[number][],
): string {
  const absent = adoptions(args).filter(
    ({ resource }) => !found.some(({ adoption }) => adoption.resource === resource),
  );
  const plain = found.filter(({ live }) => appliedInputs(live) === undefined);
  return [
    `into the stack '${name}':`,
    ...found.map(({ adoption }) => `  ${adoption.kind} ${adoption.name}`),
    "made by the next `up`:",
    ...absent.map(({ kind, name: object }) => `  ${kind} ${object}`),
    ...[args.names.tokenSecret, ...(args.apiKeyEnabled ? [args.names.apiKeySecret] : [])].map(
      (object) => `  Secret ${object}`,
    ),
    ...[args.names.downloaderConfigMap, args.names.publishedConfigMap].map((object) => `  ConfigMap ${object}`),
    ...(Object.keys(config).length > 0
      ? ["set in the stack's configuration:", ...Object.entries(config).map(([key, value]) => `  ${key}: ${value}`)]
      : []),
    ...(left.length > 0
      ? [
          "left as it is, for you to delete after the first `up`:",
          ...left.map(({ kind, name: object, why }) => `  ${kind} ${object}: ${why}`),
        ]
      : []),
    ...(plain.length > 0
      ? [
          styled(
            "yellow",
            `not made by \`oc apply\`, so read the diff of it with care: ${plain.map(({ adoption }) => `${adoption.kind} ${adoption.name}`).join(", ")}`,
          ),
        ]
      : []),
  ].join("\n");
}

function afterText(stack: OpsStack, left: readonly (typeof leftBehind)[number][]): string {
  const { name, target, args } = stack;
  return [
    "Imported; nothing was restarted, and the claim is protected. The preview above is what the next `up` does: it writes the",
    `Deployment once, so ${target.deployment} stops and starts again once; the model on claim ${target.claim} is verified, and what is whole is not downloaded again.`,
    `  ${commandFor(`pulumi up --stack ${name}`, stack)}`,
    ...left.map(
      ({ kind, name: object }) =>
        `  ${commandFor(`kubectl delete ${kind.toLowerCase()} ${object} -n ${args.namespace}`, stack)}   # afterwards`,
    ),
  ].join("\n");
}
