/** Deploys a stack as the base commit has it on the embedded cluster, then previews it as the working tree has it. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { checkConfig, componentArgs } from "../components/config";
import { type ResolvedArgs, resolveArgs } from "../components/resolve";
import { messageOf } from "../local/errors";
import { policyPackArguments } from "./policyPack";
import { backendUrl, pulumiEnvironment } from "../local/pulumi/environment";
import type { Base } from "./base";
import { lossesOf, restartOf } from "./consequences";
import { plain, type PreviewEvents, readEvents } from "./events";
import type { PreviewReport } from "./report";
import {
  type Config,
  expectedObjects,
  fakeToken,
  imageStandIn,
  plainConfig,
  project,
  setting,
  withContexts,
} from "./throwAway";

interface Options {
  /** A folder of this preview's own. */
  folder: string;
  stateDir: string;
  kubeconfig: string;
  base: Base;
  /** The working tree. */
  head: string;
  /** Another stack is previewed on the same cluster afterwards. */
  moreToCome: boolean;
  log: (line: string) => void;
  cancelSignal: AbortSignal;
}

/** A commit's program and what it makes of the stack. */
interface Version {
  root: string;
  config: Config;
  /** Set where the file as it stands is refused. */
  image: string | undefined;
}

export async function previewStack(name: string, options: Options): Promise<PreviewReport> {
  const { folder, base, head, log } = options;
  await mkdir(path.join(folder, "backend"), { recursive: true });
  const kubeconfig = path.join(folder, "kubeconfig");
  const before = base.folder === undefined ? undefined : await version(base.folder, name, kubeconfig);
  const after = await version(head, name, kubeconfig);
  if (!after) throw new Error(`${head} has no Pulumi.${name}.yaml`);
  const configs = [after.config, ...(before ? [before.config] : [])];
  const contexts = configs.map((config) => setting(config, "kubeContext"));
  await writeFile(kubeconfig, withContexts(await readFile(options.kubeconfig, "utf8"), contexts), { mode: 0o600 });
  const stack = new ThrowAwayStack(name, options, await environment(options));
  try {
    for (const config of configs) await stack.prepareCluster(config);
    return await compare(stack, { before, after, head, base, log });
  } finally {
    // What is left spoils the next stack's preview, not this one's.
    if (options.moreToCome && !options.cancelSignal.aborted) await stack.leave(configs);
  }
}

/** The stack as the base commit has it, and what the working tree makes of it. */
async function compare(
  stack: ThrowAwayStack,
  {
    before,
    after,
    head,
    base,
    log,
  }: Pick<Options, "head" | "base" | "log"> & { before: Version | undefined; after: Version },
): Promise<PreviewReport> {
  const { name } = stack;
  await stack.init(before ?? after);
  const deployed = before ? await stack.deploy() : { state: "absent" as const };
  log(`previewing ${name}`);
  await stack.use(after, undefined);
  const asItStands = await stack.preview();
  const refused = after.image !== undefined && asItStands.errors.length > 0;
  if (refused) await stack.use(after, after.image);
  const events = refused ? await stack.preview() : asItStands;
  const args = resolvedArgs(after, await readFile(path.join(head, "Pulumi.yaml"), "utf8"));
  const restart = restartOf(events.changes, args);
  return {
    stack: name,
    base: { commit: base.commit, ...deployed },
    ...(refused && {
      refusal: {
        text: asItStands.errors.join("\n\n"),
        isNew: before !== undefined && before.image === undefined,
      },
    }),
    changes: events.changes,
    outputs: events.outputs,
    ...(restart && { restart }),
    losses: lossesOf(events.changes),
    policies: events.policies,
    notes: events.notes,
    errors: events.errors,
  };
}

async function version(root: string, stack: string, kubeconfig: string): Promise<Version | undefined> {
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) return undefined;
  const config = plainConfig(await readFile(file, "utf8"), kubeconfig);
  return { root, config, image: imageStandIn(config, await readFile(path.join(root, "Pulumi.yaml"), "utf8")) };
}

async function environment({ folder, stateDir, kubeconfig }: Options): Promise<NodeJS.ProcessEnv> {
  return {
    ...(await pulumiEnvironment({ stateDir, kubeconfig })),
    PULUMI_BACKEND_URL: backendUrl(path.join(folder, "backend")),
    // Without it the CLI hides --event-log.
    PULUMI_DEBUG_COMMANDS: "true",
  };
}

/** The head's arguments with their defaults, for the limits that they set. */
function resolvedArgs({ config }: Version, projectFile: string): ResolvedArgs {
  const declared = (parse(projectFile) as { config: Record<string, { default?: unknown }> }).config;
  const values = Object.keys(declared)
    .filter((key) => !key.includes(":"))
    .map((key) => [key, setting(config, key, projectFile)] as const)
    .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const);
  const raw = { values: Object.fromEntries(values), secretKeys: new Set<string>() };
  return resolveArgs("vllm", componentArgs(checkConfig("vllm", raw).values));
}

interface KubernetesObject {
  kind: string;
  metadata: { name: string };
}

class ThrowAwayStack {
  constructor(
    readonly name: string,
    private readonly options: Options,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  async prepareCluster(config: Config): Promise<void> {
    const { objects, nodeLabels } = expectedObjects(config);
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    if (objects.length > 0) await this.kubectl(["apply", "--server-side", "--filename", "-"], list);
    const labels = Object.entries(nodeLabels).map(([key, value]) => `${key}=${value}`);
    if (labels.length > 0) await this.kubectl(["label", "node", "gpu-worker-0", "--overwrite", ...labels]);
  }

  /** Points the project at a version's program and writes the stack's file; its salt and token stay. */
  async use({ root, config }: Version, image: string | undefined): Promise<void> {
    const { folder } = this.options;
    const declared = parse(await readFile(path.join(root, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
    await writeFile(path.join(folder, "Pulumi.yaml"), stringify({ ...declared, main: root }));
    const file = path.join(folder, `Pulumi.${this.name}.yaml`);
    const own = existsSync(file) ? (parse(await readFile(file, "utf8")) as { config?: Config }) : {};
    const token = `${project}:hfToken`;
    const all = {
      ...config,
      ...(own.config?.[token] !== undefined && { [token]: own.config[token] }),
      ...(image !== undefined && { [`${project}:image`]: image }),
    };
    await writeFile(file, stringify({ ...own, config: all }));
  }

  async init(version: Version): Promise<void> {
    await this.use(version, version.image);
    await this.mustSucceed(["stack", "init", `organization/${project}/${this.name}`, "--non-interactive"]);
    const token = ["config", "set", "--secret", "hfToken", "--stack", this.name, "--non-interactive"];
    await this.mustSucceed(token, fakeToken);
  }

  async deploy(): Promise<Pick<PreviewReport["base"], "state" | "note">> {
    this.options.log(`deploying ${this.name} as it is at ${this.options.base.commit.slice(0, 12)}`);
    const { exitCode, text } = await this.pulumi("up", "--yes", "--skip-preview");
    if (exitCode === 0) return { state: "deployed" };
    const [note = "it gave no reason"] = text.split("\n").filter((line) => /\berror: /.test(line));
    return { state: "partly", note: plain(note) };
  }

  async preview(): Promise<PreviewEvents> {
    const log = path.join(this.options.folder, "events.jsonl");
    await writeFile(log, "");
    const { exitCode, text } = await this.pulumi("preview", ...policyPackArguments(this.name), "--event-log", log);
    const events = readEvents(await readFile(log, "utf8"));
    const refusals = events.policies.findings.filter(({ level }) => level === "mandatory");
    if (exitCode === 0 || events.errors.length > 0) return events;
    // The engine says nothing more of a violation that it has told.
    const errors = refusals.length > 0 ? ["A mandatory policy is violated."] : [plain(text.slice(-2_000))];
    return { ...events, errors };
  }

  /** Takes the deployment away, and the namespaces that were made for it: another stack may want to make them itself. */
  async leave(configs: readonly Config[]): Promise<void> {
    const made = configs.flatMap((config) => expectedObjects(config).objects) as KubernetesObject[];
    const namespaces = made.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : []));
    const steps = [
      () => this.mustSucceed(["state", "unprotect", "--all", "--yes", "--stack", this.name]),
      () => this.mustSucceed(["destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", this.name]),
      ...[...new Set(namespaces)].map(
        (name) => () => this.kubectl(["delete", "namespace", name, "--ignore-not-found"]),
      ),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        this.options.cancelSignal.throwIfAborted();
        this.options.log(
          `what was made to preview ${this.name} is not all gone: ${plain(messageOf(error)).slice(-500)}`,
        );
      }
    }
  }

  private async mustSucceed(args: readonly string[], input = ""): Promise<void> {
    const { exitCode, all } = await execa("pulumi", args, this.execution(input));
    if (exitCode !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed: ${all}`);
  }

  private async pulumi(...args: readonly string[]): Promise<{ exitCode: number; text: string }> {
    const all = [...args, "--non-interactive", "--stack", this.name];
    const result = await execa("pulumi", all, this.execution(""));
    this.options.cancelSignal.throwIfAborted();
    return { exitCode: result.exitCode ?? 1, text: result.all };
  }

  private async kubectl(args: readonly string[], input = ""): Promise<void> {
    await execa("kubectl", ["--kubeconfig", this.options.kubeconfig, ...args], { env: this.env, input });
  }

  private execution(input: string) {
    const { folder, cancelSignal } = this.options;
    return { cwd: folder, env: this.env, input, all: true, reject: false, cancelSignal } as const;
  }
}
