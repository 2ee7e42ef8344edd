/** A second clone, as a user has it, with the dependencies of this one and a cluster of its own. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa, type Options } from "execa";
import { cacheDir } from "../local/paths";

const root = path.resolve(__dirname, "..");

export interface Said {
  readonly exitCode: number | undefined;
  /** Standard output and standard error, as they came. */
  readonly text: string;
}

export class Clone {
  private constructor(
    readonly folder: string,
    /** The user's home; nothing of the real one but the tools' cache is met. */
    readonly home: string,
  ) {}

  static async make(): Promise<Clone> {
    const folder = mkdtempSync(path.join(tmpdir(), "vllm-clone-"));
    const clone = new Clone(path.join(folder, "clone"), path.join(folder, "home"));
    mkdirSync(clone.home);
    await execa("git", ["clone", "--quiet", root, clone.folder]);
    cpSync(path.join(root, "node_modules"), path.join(clone.folder, "node_modules"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    return clone;
  }

  /** For commands that run in it and may fail. */
  get options() {
    const cache = path.resolve(cacheDir(), "../..");
    const env = { TEST_STATE_DIR: undefined, KUBECONFIG: undefined, HOME: this.home, XDG_CACHE_HOME: cache };
    return { cwd: this.folder, all: true, reject: false, stdin: "ignore", env } as const satisfies Options;
  }

  /** `npm run local -- …` */
  async local(...args: readonly string[]): Promise<Said> {
    return this.run("npm", "run", "--silent", "local", "--", ...args);
  }

  /** A script, after the shell has been told of this clone's tools and cluster. */
  shell(script: string): Promise<Said> {
    return this.run("bash", "-c", `settings=$(npm run -s local -- env) && eval "$settings" && ${script}`);
  }

  async run(command: string, ...args: readonly string[]): Promise<Said> {
    const result = await execa(command, args, this.options);
    return { exitCode: result.exitCode, text: String(result.all) };
  }

  async remove(): Promise<void> {
    await this.local("reset");
    rmSync(path.dirname(this.folder), { recursive: true, force: true });
  }
}
