import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describeReal, type RealClone, realClone } from "./realClone";

/** The real client, as npm has it. */
const claudeCode = "@anthropic-ai/claude-code@2.1.332";

/** What of its `stream-json` is looked at. */
interface Told {
  readonly type: string;
  readonly result?: string;
  readonly message?: { readonly content: readonly Part[] };
}

interface Part {
  readonly type: string;
  readonly content?: string;
  readonly input?: { readonly command: string };
}

describeReal("npm run local -- --real --gateway", function () {
  let real: RealClone;
  let folder: string;

  before(async () => {
    real = await realClone();
    folder = mkdtempSync(path.join(tmpdir(), "vllm-claude-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("opens its gate after a tool call of the model, asked through its Route", async () => {
    const { clone } = real;
    const { exitCode, text } = await clone.local("--real", "--gateway");
    assert.equal(exitCode, 0, text);
    assert.match(text, /Its gate asks the model through its Route/);
    assert.doesNotMatch(text, /SIMULATED/);
  });

  it("passes the smoke test through Route, LiteLLM and vLLM", async () => {
    assert.match(await real.ask("npm run -s ops -- smoke --stack local --gateway"), /, 0 failed/);
  });

  it("has the real Claude Code make a tool call", async () => {
    await real.clone.run("npm", "install", "--silent", "--prefix", folder, claudeCode);
    const settings = 'settings=$(npm run -s ops -- claude-code --stack local) && eval "$settings"';
    const ask = 'claude -p "run the command" --allowedTools "Bash(cat:*)"';
    const said = await real.ask(
      `${settings} && echo $ANTHROPIC_BASE_URL && cd ${folder} && export HOME=${folder} PATH=${folder}/node_modules/.bin:$PATH && echo pong > notes.txt && ${ask} --output-format stream-json --verbose < /dev/null`,
    );
    assert.match(said, /^https:\/\/litellm-/m, "it is the gateway that it talks to");
    const told = said.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Told] : []));
    const parts = told.flatMap(({ message }) => message?.content ?? []);
    assert.equal(parts.find(({ type }) => type === "tool_use")?.input?.command, "cat notes.txt", said);
    assert.equal(parts.find(({ type }) => type === "tool_result")?.content?.trim(), "pong", said);
    assert.equal(told.find(({ type }) => type === "result")?.result, "The command answered.", said);
  });
});
