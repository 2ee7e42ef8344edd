import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describeReal, type RealClone, realClone } from "./realClone";

/** The real client, as npm has it. */
const claudeCode = "@anthropic-ai/claude-code@2.1.332";

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
    const said = await real.ask(
      `${settings} && cd ${folder} && HOME=${folder} node_modules/.bin/claude -p "call ping" --output-format json < /dev/null`,
    );
    assert.match(said, /"is_error":false/);
  });
});
