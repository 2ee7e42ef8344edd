/** A stack of a Pulumi project in a folder and a backend of its own, on the embedded cluster. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { messageOf } from "../shared/errors";
import { backendUrl, pulumiEnvironment } from "../local/pulumi/environment";
import { isSecure } from "../local/pulumi/stackFile";
import { type Outputs, plain, type PreviewEvents, readEvents } from "./events";
import { policyPackArguments } from "./policyPack";
import { type StackName, referenceOf, shownName } from "./projects";
import { type Config, expectedObjects, flag } from "./throwAway";

export interface Place {
  /** A folder of this stack's own. */
  folder: string;
  stateDir: string;
  kubeconfig: string;
  log: (line: string) => void;
  cancelSignal: AbortSignal;
}

interface KubernetesObject {
  kind: string;
  metadata: { name: string };
}

/** Where a file backend keeps a stack's state. */
export function stateFile(backend: string, reference: string): string {
  const [, project = "", stack = ""] = reference.split("/");
  return path.join(backend, ".pulumi", "stacks", project, `${stack}.json`);
}

export class ThrowAwayStack {
  readonly backend: string;

  private constructor(
    private readonly stack: StackName,
    private readonly place: Place,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.backend = path.join(place.folder, "backend");
  }

  static async create(stack: StackName, place: Place): Promise<ThrowAwayStack> {
    const backend = path.join(place.folder, "backend");
    await mkdir(backend, { recursive: true });
    return new ThrowAwayStack(stack, place, {
      ...(await pulumiEnvironment(place)),
      PULUMI_BACKEND_URL: backendUrl(backend),
      // Without it the CLI hides --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
    });
  }

  async prepareCluster(config: Config): Promise<void> {
    const { objects, nodeLabels } = expectedObjects(config, this.stack.project.name);
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    if (objects.length > 0) await this.kubectl(["apply", "--server-side", "--filename", "-"], list);
    const labels = Object.entries(nodeLabels).map(([key, value]) => `${key}=${value}`);
    if (labels.length > 0) await this.kubectl(["label", "node", "gpu-worker-0", "--overwrite", ...labels]);
  }

  /** Points the project at a commit's program and writes the stack's file; its salt and made-up secrets stay. */
  async use(root: string, config: Config): Promise<void> {
    const { folder } = this.place;
    const main = path.join(root, this.stack.project.folder);
    const declared = parse(await readFile(path.join(main, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
    await writeFile(path.join(folder, "Pulumi.yaml"), stringify({ ...declared, main }));
    const file = path.join(folder, `Pulumi.${this.stack.name}.yaml`);
    const own = existsSync(file) ? (parse(await readFile(file, "utf8")) as { config?: Config }) : {};
    const secrets = Object.entries(own.config ?? {}).filter(([, value]) => isSecure(value));
    await writeFile(file, stringify({ ...own, config: { ...config, ...Object.fromEntries(secrets) } }));
  }

  async init(secrets: Readonly<Record<string, string>>): Promise<void> {
    await this.mustSucceed(["stack", "init", referenceOf(this.stack), "--non-interactive"]);
    for (const [key, value] of Object.entries(secrets)) {
      const set = ["config", "set", "--secret", key, "--stack", this.stack.name, "--non-interactive"];
      await this.mustSucceed(set, value);
    }
  }

  /** Without a reason it is deployed. */
  async deploy(): Promise<{ reason: string | undefined; outputs: Outputs | undefined }> {
    const { exitCode, text, events } = await this.logged("up", "--yes", "--skip-preview");
    if (exitCode === 0) return { reason: undefined, outputs: events.next };
    // What the engine itself refuses, such as a plugin that does not start, is no event.
    const lines = text.split("\n").filter((line) => /\berror: /.test(line));
    const [reason = "it gave no reason"] = [...events.errors, ...lines];
    return { reason: plain(reason), outputs: undefined };
  }

  /** Replaces a text that is no secret everywhere in the stack's state. */
  async replaceInState(before: string, after: string): Promise<void> {
    const file = stateFile(this.backend, referenceOf(this.stack));
    // In JSON a quoted text stands without its quotes wherever it is part of a longer one.
    const [old, next] = [before, after].map((text) => JSON.stringify(text).slice(1, -1)) as [string, string];
    await writeFile(file, (await readFile(file, "utf8")).replaceAll(old, next));
  }

  /** With the policies, and the settings that the project's folder holds for them. */
  async preview(root: string): Promise<PreviewEvents> {
    const policies = policyPackArguments(this.stack.name, path.join(root, this.stack.project.folder));
    const { exitCode, text, events } = await this.logged("preview", ...policies);
    const refusals = events.policies.findings.filter(({ level }) => level === "mandatory");
    if (exitCode === 0 || events.errors.length > 0) return events;
    // The engine says nothing more of a violation that it has told.
    const errors = refusals.length > 0 ? ["A mandatory policy is violated."] : [plain(text.slice(-2_000))];
    return { ...events, errors };
  }

  /**
   * Takes the deployment away, where there is one on the cluster, and the namespaces that were made for it: another stack may want to make them
   * itself. Entries in a LiteLLM are left: the state says that they are in the stack's own one, which nobody may ask.
   */
  async leave(configs: readonly Config[], deployed: Config | undefined): Promise<void> {
    const { project, name } = this.stack;
    const made = configs.flatMap((config) => expectedObjects(config, project.name).objects) as KubernetesObject[];
    const namespaces = made.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : []));
    const isProtected = deployed !== undefined && flag(deployed, project.name, "protectClaim") === true;
    const unprotect = (): Promise<void> => this.mustSucceed(["state", "unprotect", "--all", "--yes", "--stack", name]);
    const destroy = (): Promise<void> =>
      this.mustSucceed(["destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", name]);
    const steps = [
      ...(isProtected ? [unprotect] : []),
      ...(deployed !== undefined && project.isOnCluster(deployed) ? [destroy] : []),
      ...[...new Set(namespaces)].map(
        (each) => () => this.kubectl(["delete", "namespace", each, "--ignore-not-found"]),
      ),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        this.place.cancelSignal.throwIfAborted();
        const reason = plain(messageOf(error)).slice(-500);
        this.place.log(`what was made to preview ${shownName(this.stack)} is not all gone: ${reason}`);
      }
    }
  }

  private async mustSucceed(args: readonly string[], input = ""): Promise<void> {
    const { exitCode, all } = await execa("pulumi", args, this.execution(input));
    if (exitCode !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed: ${all}`);
  }

  private async logged(...args: readonly string[]): Promise<{ exitCode: number; text: string; events: PreviewEvents }> {
    const log = path.join(this.place.folder, "events.jsonl");
    await writeFile(log, "");
    const all = [...args, "--event-log", log, "--non-interactive", "--stack", this.stack.name];
    const result = await execa("pulumi", all, this.execution(""));
    this.place.cancelSignal.throwIfAborted();
    return { exitCode: result.exitCode ?? 1, text: result.all, events: readEvents(await readFile(log, "utf8")) };
  }

  private async kubectl(args: readonly string[], input = ""): Promise<void> {
    await execa("kubectl", ["--kubeconfig", this.place.kubeconfig, ...args], { env: this.env, input });
  }

  private execution(input: string) {
    const { folder, cancelSignal } = this.place;
    return { cwd: folder, env: this.env, input, all: true, reject: false, cancelSignal } as const;
  }
}
