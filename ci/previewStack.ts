/** Deploys a stack as the base commit has it on the embedded cluster, then previews it as the working tree has it. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Base } from "./base";
import { type Deployed, deployGateway } from "./deployBase";
import type { Outputs, PreviewEvents } from "./events";
import { type Project, type StackName, gateway, inference, resolvedArgs, shownName } from "./projects";
import { type Published, published, standIn, writeOutputs } from "./published";
import type { PreviewReport } from "./report";
import { type Config, imageStandIn, plainConfig, referencesIn, setting, withContexts, withModels } from "./throwAway";
import { type Place, ThrowAwayStack } from "./throwAwayStack";

export interface Options extends Place {
  base: Base;
  /** The working tree. */
  head: string;
  /** Another stack of the project is previewed on the same cluster afterwards. */
  moreToCome: boolean;
  /** A simulated model, which the gateway's gate asks. */
  gateUrl: string;
  /** What stacks were found to publish, by how others refer to them. */
  published: ReadonlyMap<string, Published>;
}

export interface Preview {
  report: PreviewReport;
  /** For those that refer to an inference stack. */
  published?: Published;
}

/** A commit's program and what it makes of the stack. */
interface Version {
  root: string;
  config: Config;
  projectFile: string;
  /** Set where the file as it stands is refused. */
  image: string | undefined;
}

/** What the base commit came to. */
interface BaseState extends Pick<PreviewReport["base"], "state" | "note"> {
  outputs?: Outputs | undefined;
}

export async function previewStack(name: StackName, options: Options): Promise<Preview> {
  const { folder, base, head } = options;
  await mkdir(folder, { recursive: true });
  const kubeconfig = path.join(folder, "kubeconfig");
  const before = base.folder === undefined ? undefined : await version(base.folder, name, kubeconfig);
  const after = await version(head, name, kubeconfig);
  if (!after) throw new Error(`${head} has no stack ${shownName(name)}`);
  const configs = [after.config, ...(before ? [before.config] : [])];
  const contexts = configs.map((config) => setting(config, name.project.name, "kubeContext"));
  await writeFile(kubeconfig, withContexts(await readFile(options.kubeconfig, "utf8"), contexts), { mode: 0o600 });
  const stack = await ThrowAwayStack.create(name, options);
  try {
    for (const config of configs) await stack.prepareCluster(config);
    return await compare(stack, name, before, after, options);
  } finally {
    // What is left spoils the next stack's preview, not this one's.
    if (options.moreToCome && !options.cancelSignal.aborted) await stack.leave(configs, before?.config);
  }
}

async function version(root: string, { project, name }: StackName, kubeconfig: string): Promise<Version | undefined> {
  const folder = path.join(root, project.folder);
  const [file, ofProject] = [path.join(folder, `Pulumi.${name}.yaml`), path.join(folder, "Pulumi.yaml")];
  if (!existsSync(file) || !existsSync(ofProject)) return undefined;
  const config = withModels(plainConfig(await readFile(file, "utf8"), project.name, kubeconfig), project.name);
  const projectFile = await readFile(ofProject, "utf8");
  return { root, config, projectFile, image: imageStandIn(config, project.name, projectFile) };
}

/** The stack as the base commit has it, and what the working tree makes of it. */
async function compare(
  stack: ThrowAwayStack,
  name: StackName,
  before: Version | undefined,
  after: Version,
  options: Options,
): Promise<Preview> {
  const { base, log } = options;
  const { project } = name;
  const first = before ?? after;
  await stack.use(first.root, first.config);
  await stack.init({ ...project.madeUp(after.config), ...(before && project.madeUp(before.config)) });
  const deployed = await deploy(stack, name, before, options);
  log(`previewing ${shownName(name)}`);
  const notes = await publishModels(stack, after, "after", options);
  await stack.use(after.root, after.config);
  const asItStands = await stack.preview(after.root);
  const refused = after.image !== undefined && asItStands.errors.length > 0;
  if (refused) await stack.use(after.root, withImage(after, project));
  const events = refused ? await stack.preview(after.root) : asItStands;
  const note = [...(deployed.note === undefined ? [] : [deployed.note]), ...notes].join(" ");
  return {
    report: {
      stack: shownName(name),
      base: { commit: base.commit, state: deployed.state, ...(note !== "" && { note }) },
      ...(refused && {
        refusal: {
          text: asItStands.errors.join("\n\n"),
          isNew: before !== undefined && before.image === undefined,
        },
      }),
      changes: events.changes,
      outputs: events.outputs,
      ...project.consequences(events, after.config, after.projectFile),
      policies: events.policies,
      notes: events.notes,
      errors: events.errors,
    },
    ...(project === inference && { published: publishedBy(deployed, before, after, events) }),
  };
}

async function deploy(
  stack: ThrowAwayStack,
  name: StackName,
  before: Version | undefined,
  options: Options,
): Promise<BaseState> {
  if (!before) return { state: "absent" };
  const { project } = name;
  options.log(`deploying ${shownName(name)} as it is at ${options.base.commit.slice(0, 12)}`);
  const config = withImage(before, project);
  let deployed: Deployed;
  if (project === gateway) {
    await publishModels(stack, before, "before", options);
    deployed = await deployGateway(stack, { root: before.root, config, gateUrl: options.gateUrl }, project);
  } else {
    await stack.use(before.root, config);
    deployed = await stack.deploy();
  }
  const { reason, outputs, note } = deployed;
  if (reason !== undefined) return { state: "partly", note: reason };
  return { state: "deployed", outputs, ...(note !== undefined && { note }) };
}

/** The configuration with the image that stands in for the one that the file does not name. */
function withImage({ config, image }: Version, { name }: Project): Config {
  return image === undefined ? config : { ...config, [`${name}:image`]: image };
}

/** Gives the stacks that a gateway refers to their outputs; tells where these come from. */
async function publishModels(
  stack: ThrowAwayStack,
  { config }: Version,
  when: "before" | "after",
  { published: found, head }: Options,
): Promise<string[]> {
  const told: string[] = [];
  for (const reference of new Set(referencesIn(config, gateway.name))) {
    const known = found.get(reference);
    await writeOutputs(stack.backend, reference, known ? known[when] : await ofDefaultModel(head));
    const source = known ? "as this run's own throw-away stack has them" : "made up, as of the default model";
    const madeUp = known && known.madeUp.length > 0 ? `, but made up: ${known.madeUp.join(", ")}` : "";
    told.push(`Outputs of ${reference}: ${source}${madeUp}.`);
  }
  return told;
}

/** For a stack that is not of this repository. */
async function ofDefaultModel(head: string): Promise<Outputs> {
  return standIn(resolvedArgs({}, await readFile(path.join(head, "Pulumi.yaml"), "utf8")));
}

function publishedBy(
  { outputs, state }: BaseState,
  before: Version | undefined,
  after: Version,
  { changes, next, errors }: PreviewEvents,
): Published {
  const stand = standIn(resolvedArgs(after.config, after.projectFile));
  const newKey = changes.some(({ kind, operation }) => kind === "RandomPassword" && operation === "replace");
  const known = { before: outputs, after: errors.length > 0 ? undefined : next, newKey };
  // An `up` that was refused on the embedded cluster says nothing of the one on the stack's own.
  const instead = before && state === "partly" ? standIn(resolvedArgs(before.config, before.projectFile)) : undefined;
  return published(known, { before: instead, after: stand });
}
