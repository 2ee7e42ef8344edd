/** Claude Code itself, without an account, with a home of its own, and with nothing but the relay to talk to. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { claudeCodeEnvironment, type ClaudeCodeFacts } from "../../../gateway/claudeCode";
import type { Server } from "../servers";
import { type Recorded, Relay } from "./relay";

export interface Session {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly recorded: readonly Recorded[];
  /** Hosts besides the server that it asked for. */
  readonly outside: readonly string[];
}

export interface SessionOptions {
  readonly claude: string;
  readonly server: Server;
  readonly facts: Omit<ClaudeCodeFacts, "url" | "key">;
  readonly args: readonly string[];
  /** What differs from the block's variables; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What the command that the model asks for prints, and what the model may read. */
  readonly notes?: string;
}

/** No word to anybody else, and nothing of this machine. */
const quiet = {
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  // It would ask ten times where a server breaks.
  CLAUDE_CODE_MAX_RETRIES: "0",
};

/** One run with `--print`, under the block that the gateway tells. */
export async function session({ claude, server, facts, args, env, notes = "pong" }: SessionOptions): Promise<Session> {
  const folder = mkdtempSync(path.join(tmpdir(), "vllm-claude-"));
  const relay = await Relay.start(server.url);
  try {
    const [home, work] = ["home", "work"].map((name) => path.join(folder, name)) as [string, string];
    for (const each of [home, work]) mkdirSync(each);
    writeFileSync(path.join(work, "notes.txt"), notes);
    const block = claudeCodeEnvironment({ ...facts, url: relay.url, key: server.key });
    const { exitCode, stdout, stderr } = await execa(claude, ["--print", ...args], {
      cwd: work,
      extendEnv: false,
      env: {
        ...{ PATH: process.env["PATH"], LANG: "C.UTF-8", HOME: home, CLAUDE_CONFIG_DIR: path.join(home, ".claude") },
        ...{ HTTPS_PROXY: relay.url, HTTP_PROXY: relay.url, NO_PROXY: "127.0.0.1" },
        ...quiet,
        ...block,
        ...env,
      },
      stdin: "ignore",
      reject: false,
      timeout: 900_000,
    });
    return { exitCode, stdout, stderr, recorded: relay.recorded, outside: relay.outside };
  } finally {
    relay.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
