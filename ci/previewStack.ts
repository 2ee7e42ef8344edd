/** Deploys a stack as the base commit has it on the embedded cluster, then previews it as the working tree has it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../shared/errors";
import type { Base } from "./base";
import { type Deployed, deployGateway } from "./deployBase";
import type { Outputs, PreviewEvents } from "./events";
import {
  type Project,
  type StackFile,
  type StackName,
  gateway,
  inference,
  resolvedModels,
  shownName,
  stackFile,
} from "./projects";
import { type Found, type Published, noteOf, published, standIn, writeOutputs } from "./published";
import type { PreviewReport } from "./report";
import { type Config, aliasesOf, imageStandIn, referencesIn, setting, withContexts } from "./throwAway";
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
  published: ReadonlyMap<string, Found>;
}

export interface Preview {
  report: PreviewReport;
  /** For those that refer to an inference stack. */
  published?: Published;
}

/** A commit's program and what it makes of the stack. */
interface Version extends StackFile {
  root: string;
  /** Set where the file as it stands is refused. */
  image: string | undefined;
}

interface Versions {
  /** Undefined where the base commit has no such stack, or none that can be read. */
  before: Version | undefined;
  unreadable?: string;
  after: Version;
}

/** What the base commit came to. */
interface BaseState extends Omit<PreviewReport["base"], "commit"> {
  outputs?: Outputs | undefined;
  /** What is to be said of the stacks that it refers to. */
  models?: ReadonlyMap<string, string> | undefined;
}

export async function previewStack(name: StackName, options: Options): Promise<Preview> {
  const { folder, base, head } = options;
  await mkdir(folder, { recursive: true });
  const kubeconfig = path.join(folder, "kubeconfig");
  const old = base.folder === undefined ? { before: undefined } : await baseVersion(base.folder, name, kubeconfig);
  const after = await version(head, name, kubeconfig);
  if (!after) throw new Error(`${head} has no stack ${shownName(name)}`);
  const deployed = old.before?.config;
  const configs = [after.config, ...(deployed ? [deployed] : [])];
  const contexts = configs.map((config) => setting(config, name.project.name, "kubeContext"));
  await writeFile(kubeconfig, withContexts(await readFile(options.kubeconfig, "utf8"), contexts), { mode: 0o600 });
  const stack = await ThrowAwayStack.create(name, options);
  try {
    for (const config of configs) await stack.prepareCluster(config);
    return await compare(stack, name, { ...old, after }, options);
  } finally {
    // What is left spoils the next stack's preview, not this one's.
    if (options.moreToCome && !options.cancelSignal.aborted) await stack.leave(configs, deployed);
  }
}

async function version(root: string, name: StackName, kubeconfig: string): Promise<Version | undefined> {
  const file = await stackFile(root, name, kubeconfig);
  return file && { root, ...file, image: imageStandIn(file.config, name.project.name, file.projectFile) };
}

/** The change may be the one that mends a file that cannot be read. */
async function baseVersion(...of: Parameters<typeof version>): Promise<Pick<Versions, "before" | "unreadable">> {
  try {
    return { before: await version(...of) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { before: undefined, unreadable: error.message };
  }
}

/** The stack as the base commit has it, and what the working tree makes of it. */
async function compare(stack: ThrowAwayStack, name: StackName, versions: Versions, options: Options): Promise<Preview> {
  const { base, log } = options;
  const { before, after } = versions;
  const { project } = name;
  const first = before ?? after;
  await stack.use(first.root, first.config);
  await stack.init({ ...project.madeUp(after.config), ...(before && project.madeUp(before.config)) });
  const deployed = await deploy(stack, name, versions, options);
  log(`previewing ${shownName(name)}`);
  const models = await publishModels(stack, after, "after", options);
  await stack.use(after.root, after.config);
  const asItStands = await stack.preview(after.root);
  const refused = after.image !== undefined && asItStands.errors.length > 0;
  if (refused) await stack.use(after.root, withImage(after, project));
  const events = refused ? await stack.preview(after.root) : asItStands;
  const notNamedAnyMore = [...(deployed.models ?? [])].flatMap(([reference, note]) =>
    models.has(reference) ? [] : [note],
  );
  return {
    report: {
      stack: shownName(name),
      base: {
        commit: base.commit,
        state: deployed.state,
        notes: [...deployed.notes, ...models.values(), ...notNamedAnyMore],
      },
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
  { before, unreadable }: Versions,
  options: Options,
): Promise<BaseState> {
  if (unreadable !== undefined) return { state: "unreadable", notes: [unreadable] };
  if (!before) return { state: "absent", notes: [] };
  const { project } = name;
  options.log(`deploying ${shownName(name)} as it is at ${options.base.commit.slice(0, 12)}`);
  const config = withImage(before, project);
  let deployed: Deployed;
  let models: BaseState["models"];
  if (project === gateway) {
    models = await publishModels(stack, before, "before", options);
    deployed = await deployGateway(stack, { root: before.root, config, gateUrl: options.gateUrl }, project);
  } else {
    await stack.use(before.root, config);
    deployed = await stack.deploy();
  }
  const { reason, outputs, note } = deployed;
  const notes = [reason, note].filter((each) => each !== undefined);
  return { state: reason === undefined ? "deployed" : "partly", outputs, notes, models };
}

/** The configuration with the image that stands in for the one that the file does not name. */
function withImage({ config, image }: Version, { name }: Project): Config {
  return image === undefined ? config : { ...config, [`${name}:image`]: image };
}

/** Gives the stacks that a gateway refers to their outputs; tells of each where these come from. */
async function publishModels(
  stack: ThrowAwayStack,
  { config }: Version,
  when: "before" | "after",
  { published: found, head }: Options,
): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  for (const reference of referencesIn(config, gateway.name)) {
    const known = found.get(reference);
    const all =
      known && "after" in known ? known : await ofDefaultModel(head, aliasesOf(config, gateway.name, reference));
    await writeOutputs(stack.backend, reference, all[when]);
    told.set(reference, noteOf(reference, { ...all, ...known }, when));
  }
  return told;
}

/** For a stack of which nothing is known. Whether it serves its model under the names that the gateway's file gives it cannot be told here. */
async function ofDefaultModel(head: string, aliases: readonly string[]): Promise<Published> {
  const outputs = standIn(resolvedModels({}, await readFile(path.join(head, "Pulumi.yaml"), "utf8")), aliases);
  return { before: outputs, after: outputs, madeUp: [], source: "the default model" };
}

function publishedBy(
  { outputs, state }: BaseState,
  before: Version | undefined,
  after: Version,
  { changes, next, errors }: PreviewEvents,
): Published {
  const stand = standIn(resolvedModels(after.config, after.projectFile));
  const newKeys = changes.flatMap(({ kind, operation, name }) =>
    kind === "RandomPassword" && operation === "replace" ? [name.replace(/-api-key$/, "")] : [],
  );
  const known = { before: outputs, after: errors.length > 0 ? undefined : next, newKeys, failure: errors[0] };
  // An `up` that was refused on the embedded cluster says nothing of the one on the stack's own.
  const instead = before && state === "partly" ? standIn(resolvedModels(before.config, before.projectFile)) : undefined;
  return published(known, { before: state === "unreadable" ? stand : instead, after: stand });
}
