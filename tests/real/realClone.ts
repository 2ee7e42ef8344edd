/** A clone whose cluster has a real node, which the files of this ring share: it takes minutes to come up. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Clone, type Said } from "../../harness/clone";
import { nodeLayout } from "../../local/real/layout";
import { machine, whyNoNode } from "../../local/real/requirements";

const why = whyNoNode(machine());

export const namespace = "vllm-inference";
export const model = "Qwen/Qwen2.5-7B-Instruct-AWQ";

/** A `describe` that is skipped, with the reason, where no real node can run. */
export function describeReal(title: string, tests: (this: Mocha.Suite) => void): void {
  (why === undefined ? describe : describe.skip)(`${title}${why === undefined ? "" : ` (${why})`}`, function () {
    this.timeout(1_800_000);
    tests.call(this);
  });
}

export class RealClone {
  constructor(readonly clone: Clone) {}

  get stateDir(): string {
    return path.join(this.clone.folder, ".local");
  }

  /** A line of a shell in which the Routes answer. */
  shell(script: string): Promise<Said> {
    return this.clone.run("npm", "run", "-s", "local", "--", "shell", "sh", "-c", script);
  }

  /** The same, which must end well; what it said. */
  async ask(script: string): Promise<string> {
    const { exitCode, text } = await this.shell(script);
    assert.equal(exitCode, 0, text);
    return text;
  }

  /** What `npm run local -- …` said, which must end with 0. */
  async local(...args: readonly string[]): Promise<string> {
    const { exitCode, text } = await this.clone.local(...args);
    assert.equal(exitCode, 0, text);
    return text;
  }

  async untilReady(): Promise<void> {
    await this.ask(`kubectl -n ${namespace} rollout status deployment/vllm --timeout=900s`);
  }

  /** What the Hub has been asked so far. */
  hubLog(): string {
    return readFileSync(path.join(nodeLayout(this.stateDir).logs, "hub.log"), "utf8");
  }
}

/** Command line that asks the model something through its Route; `more` are curl's options, without the key where `open`. */
export function chat(more: object = {}, options = "", open = false, stack = "local"): string {
  const output = (name: string): string => `$(pulumi stack output ${name} --stack ${stack})`;
  const messages = [{ role: "user", content: "say hello" }];
  const body = JSON.stringify({ model, messages, max_tokens: 20, ...more });
  const key = open ? "" : `-H "Authorization: Bearer ${output("apiKey --show-secrets")}"`;
  return `curl -sS "${output("routeUrl")}/v1/chat/completions" -d '${body}' -H "Content-Type: application/json" ${key} ${options}`;
}

let shared: Promise<RealClone> | undefined;

/** The one that the files share, once its model serves. */
export function realClone(): Promise<RealClone> {
  shared ??= Clone.make().then(async (clone) => {
    const made = new RealClone(clone);
    try {
      await made.local("--real");
    } catch (error) {
      await clone.remove();
      throw error;
    }
    return made;
  });
  return shared;
}

after(async function () {
  this.timeout(120_000);
  const made = await shared?.catch(() => undefined); // what failed has removed itself
  await made?.clone.remove();
});
