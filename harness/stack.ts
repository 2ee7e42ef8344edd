/**
 * A stack of the real program for one test: the project's own files, run from a temporary folder with its own backend, stack file
 * and Pulumi home, so that tests run side by side and the clone stays clean.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { backendUrl, pulumiEnvironment } from "../local/pulumi/environment";
import { testCluster, type TestCluster } from "./cluster";

const root = path.resolve(__dirname, "..");

export const canaryToken = "hf_canaryCanaryCanaryCanaryCanaryCa";

export interface Outcome {
  readonly exitCode: number;
  /** Standard output and standard error, as they came. */
  readonly text: string;
  readonly seconds: number;
}

export interface StackOptions {
  /** Plain configuration, in the project's own namespace, over that of the `local` stack. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Another cluster than the ring's. */
  cluster?: TestCluster;
  /** Another program than this project's: a folder's absolute path. */
  readonly main?: string;
  /** Name of another project; without it, the program runs as this project, with its configuration. */
  readonly project?: string;
  /** A program in another language, in the stack's own folder: what its Pulumi.yaml says besides the name, which is `project`, and `runtime: yaml`. */
  readonly yaml?: Readonly<Record<string, unknown>>;
  /** Shares the backend of another stack, as stacks that refer to each other do. */
  readonly beside?: TestStack;
  readonly stack?: string;
}

interface StackFile {
  /** What the passphrase was stretched with; `stack init` keeps the one that it finds. */
  encryptionsalt?: string;
  config: Record<string, unknown>;
}

/** The token as the first stack of this process encrypted it: with the same salt and passphrase, all others can read it. */
let encrypted: { encryptionsalt: string | undefined; token: unknown } | undefined;

export class TestStack {
  private constructor(
    readonly cluster: TestCluster,
    readonly name: string,
    readonly namespace: string,
    readonly directory: string,
    readonly env: NodeJS.ProcessEnv,
    private readonly stateDir: string,
  ) {}

  static async create(namespace: string, options: StackOptions = {}): Promise<TestStack> {
    const cluster = options.cluster ?? (await testCluster());
    const directory = mkdtempSync(path.join(tmpdir(), `vllm-stack-${namespace}-`));
    const stateDir = options.beside?.stateDir ?? cluster.stateDir;
    const name = options.stack ?? "test";
    const backend = options.beside?.env.PULUMI_BACKEND_URL ?? backendUrl(directory);
    const env = {
      ...(await pulumiEnvironment({ stateDir, kubeconfig: cluster.kubeconfig })),
      PULUMI_BACKEND_URL: backend,
      // A program in a folder of its own would not find the compiler options.
      ...(options.main && { PULUMI_NODEJS_TSCONFIG_PATH: path.join(root, "tsconfig.json") }),
    };
    const project = parse(readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
    const main = options.main ?? root;
    const program = options.yaml ? { runtime: "yaml", ...options.yaml } : { runtime: project.runtime, main };
    const own: Record<string, unknown> = options.project ? { name: options.project, ...program } : { ...project, main };
    writeFileSync(path.join(directory, "Pulumi.yaml"), stringify(own));
    const stack = new TestStack(cluster, name, namespace, directory, env, stateDir);
    const token = encrypted;
    if (!options.project) stack.writeConfig({ ...localDefaults(), namespace, ...options.config }, token);
    await stack.pulumi("stack", "init", `organization/${String(own.name)}/${name}`);
    if (!options.project && token === undefined) {
      await stack.pulumi("config", "set", "--secret", "hfToken", canaryToken);
      const { encryptionsalt, config } = stack.readConfig();
      encrypted = { encryptionsalt, token: config["vllm-inference:hfToken"] };
    }
    return stack;
  }

  /** Replaces parts of a program in YAML, by their names. */
  rewrite(parts: Readonly<Record<string, unknown>>): void {
    const file = path.join(this.directory, "Pulumi.yaml");
    writeFileSync(
      file,
      stringify({ ...(parse(readFileSync(file, "utf8")) as object), ...parts }, { aliasDuplicateObjects: false }),
    );
  }

  /** Replaces keys of the stack's plain configuration; `undefined` removes one. */
  configure(changes: Readonly<Record<string, unknown>>): void {
    const current = this.readConfig();
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) delete current.config[`vllm-inference:${key}`];
      else current.config[`vllm-inference:${key}`] = value;
    }
    writeFileSync(this.configFile, stringify(current));
  }

  up(...args: readonly string[]): Promise<Outcome> {
    return this.run("up", "--yes", "--skip-preview", "--non-interactive", ...args);
  }

  preview(...args: readonly string[]): Promise<Outcome> {
    return this.run("preview", "--non-interactive", ...args);
  }

  refresh(...args: readonly string[]): Promise<Outcome> {
    return this.run("refresh", "--yes", "--skip-preview", "--non-interactive", ...args);
  }

  destroy(...args: readonly string[]): Promise<Outcome> {
    return this.run("destroy", "--yes", "--skip-preview", "--non-interactive", ...args);
  }

  /** Fails the test with what was printed when the command fails. */
  async pulumi(...args: readonly string[]): Promise<string> {
    const { exitCode, text } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${text}`);
    return text;
  }

  /** The same with standard input. */
  async pulumiWithInput(input: string, ...args: readonly string[]): Promise<string> {
    const options = { cwd: this.directory, env: this.env, all: true, reject: false, input } as const;
    const { exitCode, all } = await execa("pulumi", [...args, ...this.stackFlag(args)], options);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode ?? 1}:\n${all}`);
    return all;
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.pulumi("stack", "output", "--json", "--show-secrets")) as Record<string, unknown>;
  }

  /** Runs to its end and never throws: a failure is what many tests are about. */
  async run(...args: readonly string[]): Promise<Outcome> {
    const started = performance.now();
    const result = await this.start(...args);
    const text = String(result.all ?? "");
    return { exitCode: result.exitCode ?? 1, text, seconds: (performance.now() - started) / 1000 };
  }

  /** Starts the CLI and leaves it to the test to end it. */
  start(...args: readonly string[]) {
    return execa("pulumi", [...args, ...this.stackFlag(args)], {
      cwd: this.directory,
      env: this.env,
      all: true,
      reject: false,
      stdin: "ignore",
    });
  }

  /** Takes the namespace with the deployment and the temporary folder away; what `destroy` does has tests of its own. */
  async remove(): Promise<void> {
    await this.cluster.kubectl("delete", "namespace", this.namespace, "--ignore-not-found", "--wait=false");
    this.removeFolder();
  }

  /** For a stack that has nothing in the cluster, or nothing that its test does not take away. */
  removeFolder(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private stackFlag(args: readonly string[]): readonly string[] {
    return args[0] === "stack" && args[1] === "init" ? [] : ["--stack", this.name];
  }

  private get configFile(): string {
    return path.join(this.directory, `Pulumi.${this.name}.yaml`);
  }

  private readConfig(): StackFile {
    const file = parse(readFileSync(this.configFile, "utf8")) as Partial<StackFile>;
    return { ...file, config: file.config ?? {} };
  }

  private writeConfig(config: Readonly<Record<string, unknown>>, token: typeof encrypted): void {
    const own = Object.entries(config).map(([key, value]) => [`vllm-inference:${key}`, value] as const);
    const kubeconfig = ["vllm-inference:kubeconfig", this.cluster.kubeconfig] as const;
    writeFileSync(
      this.configFile,
      stringify({
        ...(token && { encryptionsalt: token.encryptionsalt }),
        config: {
          "pulumi:disable-default-providers": ["kubernetes"],
          ...Object.fromEntries([...own, kubeconfig]),
          ...(token && { "vllm-inference:hfToken": token.token }),
        },
      }),
    );
  }
}

/** What the `local` stack says, without its namespace of configuration. */
function localDefaults(): Record<string, unknown> {
  const file = parse(readFileSync(path.join(root, "local/Pulumi.local.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  const prefix = "vllm-inference:";
  const own = Object.entries(file.config).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}
