/**
 * A page of the docs, typed from its top to its end into one shell, as its reader does: in a clone of this project, with a home and a
 * Pulumi login of its own, and a kubeconfig with the contexts that the pages name, all on the ring's cluster.
 */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { shownCommands, type TypedCommand } from "../../docs/generate/commands";
import { binDirs } from "../../local/pulumi/environment";
import { buildPolicies } from "../../policies/build";
import { testCluster, type TestCluster } from "../../harness/cluster";

const root = path.resolve(__dirname, "../..");

/** What there is before a page's first line. */
export interface Start {
  /** Lines of the shell that its reader has typed before, on other pages. */
  readonly typed?: readonly string[];
  /** Configuration of a stack's file that only this test needs. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Files that its reader has written from what the page shows. */
  readonly written?: Readonly<Record<string, string>>;
  /** False where the page itself has its reader clone the project. */
  readonly clone?: false;
  /** What there is on the cluster, in the page's namespace. */
  readonly cluster?: (cluster: TestCluster, namespace: string) => Promise<void>;
}

/** One command with what it printed. */
export interface Walked {
  readonly command: TypedCommand;
  readonly output: string;
}

/** What stands in the place of a value that is the reader's. */
const given: readonly (readonly [RegExp, string])[] = [
  [/<digest>/g, "0".repeat(64)],
  [/<commit>/g, "0".repeat(40)],
  // A clone is of the last commit; what `npm ci` makes in it, its reader would wait for.
  [
    /^git clone <this repository> (\S+) && cd \1$/,
    `git clone --quiet ${root} $1 && cd $1 && ln -s ${root}/node_modules .`,
  ],
  // Whoever tests may be on no branch.
  [/^git pull$/, "git fetch --quiet"],
  // Claude Code itself is not here; what it would be told is.
  [/&& claude$/, "&& printenv ANTHROPIC_BASE_URL"],
  // The CLI takes its `~` from the user database, not from the home that this test gives it.
  [/file:\/\/~/g, "file://$HOME"],
  // Nobody is there to be asked.
  [/^(npm run ops -- (?:import|redownload|rollback)\b.*)$/, "$1 --yes"],
];

/** What is typed where a command asks. */
const answers: readonly (readonly [RegExp, string])[] = [
  [/^read /, "a passphrase"],
  [/--secret /, "hf_canaryCanaryCanaryCanaryCanaryCa"],
];

export class Walker {
  private constructor(
    private readonly cluster: TestCluster,
    readonly folder: string,
    readonly namespace: string,
  ) {}

  static async make(page: string, { files = {}, written = {}, clone, cluster: prepare }: Start): Promise<Walker> {
    const cluster = await testCluster();
    await buildPolicies();
    // Whoever clones has the namespace of the defaults.
    const namespace = clone === false ? "vllm-inference" : `walk-${path.basename(page, ".md").toLowerCase()}`;
    const walker = new Walker(cluster, mkdtempSync(path.join(tmpdir(), `vllm-${namespace}-`)), namespace);
    try {
      walker.home();
      await prepare?.(cluster, namespace);
      if (clone === false) return walker;
      await walker.clone();
      for (const [file, text] of Object.entries(written)) writeFileSync(path.join(walker.project, file), text);
      // Pages are walked side by side, so each has namespaces of its own.
      walker.configure("Pulumi.dev.yaml", { "vllm-inference:namespace": namespace });
      walker.configure("Pulumi.prod.yaml", { "vllm-inference:namespace": `${namespace}-prod` });
      walker.configure("gateway/Pulumi.dev.yaml", { "vllm-gateway:namespace": `${namespace}-gateway` });
      for (const [file, values] of Object.entries(files)) walker.configure(file, values);
      return walker;
    } catch (error) {
      await walker.remove();
      throw error;
    }
  }

  private get project(): string {
    return path.join(this.folder, "vllm-on-openshift");
  }

  /** What git would clone, with the changes that are not committed yet, and what `npm ci` makes. */
  private async clone(): Promise<void> {
    await execa("git", ["clone", "--quiet", root, this.project]);
    const files = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
    await execa("xargs", ["-0", "cp", "--parents", "-t", this.project], { cwd: root, input: files.stdout });
    symlinkSync(path.join(root, "node_modules"), path.join(this.project, "node_modules"));
    // `node_modules/` of .gitignore is a folder, and this a link: a reader has a clean clone.
    appendFileSync(path.join(this.project, ".git/info/exclude"), "node_modules\n");
    cpSync(path.join(root, "policies/bin"), path.join(this.project, "policies/bin"), { recursive: true });
  }

  private home(): void {
    const { kubeconfig, stateDir, context } = this.cluster;
    for (const folder of ["home/.kube", "home/.pulumi", "bin"]) {
      mkdirSync(path.join(this.folder, folder), { recursive: true });
    }
    symlinkSync(path.join(stateDir, "pulumi-home/plugins"), path.join(this.folder, "home/.pulumi/plugins"));
    const config = parse(readFileSync(kubeconfig, "utf8")) as { contexts: { name: string; context: object }[] };
    const own = config.contexts.find(({ name }) => name === context);
    const contexts = ["openshift-dev", "openshift-prod"].map((name) => ({ ...own, name }));
    const file = path.join(this.folder, "home/.kube/config");
    writeFileSync(file, stringify({ ...config, contexts, "current-context": "openshift-dev" }));
    // Of `oc` the pages use what it has from kubectl: get, delete, config.
    writeFileSync(path.join(this.folder, "bin/oc"), '#!/bin/sh\nexec kubectl "$@"\n', { mode: 0o755 });
  }

  private configure(file: string, values: Readonly<Record<string, unknown>>): void {
    const { config, ...rest } = parse(readFileSync(path.join(this.project, file), "utf8")) as { config: object };
    writeFileSync(path.join(this.project, file), stringify({ ...rest, config: { ...config, ...values } }));
  }

  /** Types the commands of a page; throws at the first that ends otherwise than the page says, with what it printed. */
  async walk(page: string, { typed = [], clone }: Start): Promise<Walked[]> {
    const before = typed.map((text): TypedCommand => ({ page, text, note: "", terminal: false, output: [] }));
    const commands = [...before, ...shownCommands(page, readFileSync(path.join(root, page), "utf8"))];
    const walked: Walked[] = [];
    const opens = clone === false ? this.folder : this.project;
    for (const terminal of terminals(commands)) walked.push(...(await this.type(terminal, opens)));
    return walked.slice(before.length);
  }

  /** In a terminal that opens in a folder. */
  private async type(commands: readonly TypedCommand[], cwd: string): Promise<Walked[]> {
    const script = path.join(this.folder, "typed.sh");
    writeFileSync(script, [helpers, ...commands.map((command, index) => this.lines(command, index))].join("\n"));
    const { all } = await execa("bash", [script], {
      cwd,
      env: this.environment(),
      extendEnv: false,
      all: true,
      reject: false,
      stdin: "ignore",
      // `down` and `reset` end what a page has left running.
      cleanup: true,
    });
    return commands.map((command, index) => {
      const [, output = "", code] =
        new RegExp(`^<<${index}>>\\n([\\s\\S]*?)^<</${index} (\\d+)>>$`, "m").exec(all) ?? [];
      const wanted = expectedCode(command);
      if (wanted !== undefined && code !== String(wanted)) {
        throw new Error(
          `${command.page}: \`${command.text}\` ended with ${code ?? "nothing"}, not ${wanted}:\n${output || all}`,
        );
      }
      return { command, output };
    });
  }

  /** One command between marks; the shell ends at the first that the page does not expect to end so. */
  private lines(command: TypedCommand, index: number): string {
    const wanted = expectedCode(command);
    if (wanted === undefined) return "";
    const { text } = command;
    const typed = given.reduce((line, [pattern, value]) => line.replace(pattern, value), text);
    const own = typed
      .replaceAll("-n vllm-inference", `-n ${this.namespace}`)
      .replaceAll("vllm-coder", `${this.namespace}-coder`);
    const answer = answers.find(([pattern]) => pattern.test(text))?.[1] ?? "";
    const run = follows(command) ? `until_ctrl_c ${own}` : own;
    return [
      `echo "<<${index}>>"`,
      `{ ${run}`,
      `} <<< ${JSON.stringify(answer)}`,
      `code=$?; echo; echo "<</${index} $code>>"; [ "$code" = ${wanted} ] || exit 1`,
    ].join("\n");
  }

  private environment(): Record<string, string | undefined> {
    const { stateDir } = this.cluster;
    const home = path.join(this.folder, "home");
    const foreign = /^(PULUMI_|KUBECONFIG$|npm_|TEST_STATE_DIR$|XDG_CACHE_HOME$)/;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
    return {
      ...env,
      HOME: home,
      XDG_CACHE_HOME: path.resolve(process.env.XDG_CACHE_HOME ?? path.join(process.env.HOME ?? "", ".cache")),
      PATH: [path.join(this.folder, "bin"), ...binDirs(stateDir), process.env.PATH].join(path.delimiter),
      PULUMI_HOME: path.join(home, ".pulumi"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_SKIP_CONFIRMATIONS: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }

  async remove(): Promise<void> {
    if (existsSync(path.join(this.project, ".local"))) {
      const options = { cwd: this.project, env: this.environment(), extendEnv: false, reject: false };
      await execa("npm", ["run", "--silent", "local", "--", "reset"], options);
    }
    const names = ["", "-prod", "-coder", "-gateway"].map((end) => `${this.namespace}${end}`);
    await this.cluster.kubectl("delete", "namespace", ...names, "--ignore-not-found", "--wait=false");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Follows a log as a person does: until something has come, then Ctrl-C. */
const helpers = `
set -m
until_ctrl_c() {
  local seen; seen=$(mktemp)
  "$@" >"$seen" 2>&1 &
  local job=$!
  until [ -s "$seen" ] || ! kill -0 "$job" 2>/dev/null; do sleep 0.1; done
  kill -INT -- "-$job"
  wait "$job"; local code=$?
  cat "$seen"; rm "$seen"
  return "$code"
}`;

const follows = ({ note }: TypedCommand): boolean => note.includes("Ctrl-C");

/** How a command must end; undefined where the page says that it needs what is not here. */
export function expectedCode(command: TypedCommand): number | undefined {
  const { note } = command;
  if (/^needs /.test(note)) return undefined;
  const [, code] = /ends with (\d+)/.exec(note) ?? [];
  if (code !== undefined) return Number(code);
  return follows(command) ? 130 : 0;
}

function terminals(commands: readonly TypedCommand[]): TypedCommand[][] {
  return commands.reduce<TypedCommand[][]>((all, command) => {
    if (command.terminal || all.length === 0) all.push([]);
    all.at(-1)?.push(command);
    return all;
  }, []);
}
