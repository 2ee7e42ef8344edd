import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { machine, whyNoNode } from "../../local/real/requirements";
import { Clone, type Said } from "../../harness/clone";

const missing = whyNoNode(machine());
/** The real client, as npm has it. */
const claudeCode = "@anthropic-ai/claude-code@2.1.332";

(missing === undefined ? describe : describe.skip)(
  `npm run local -- --real --gateway, in a fresh clone${missing ? ` (${missing})` : ""}`,
  function () {
    this.timeout(1_800_000);
    let clone: Clone;
    let folder: string;
    const shell = (script: string): Promise<Said> =>
      clone.run("npm", "run", "-s", "local", "--", "shell", "bash", "-c", script);
    const ask = async (script: string): Promise<string> => {
      const { exitCode, text } = await shell(script);
      assert.equal(exitCode, 0, text);
      return text;
    };

    before(async () => {
      clone = await Clone.make();
      folder = mkdtempSync(path.join(tmpdir(), "vllm-claude-"));
    });
    after(async () => {
      await clone.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    it("opens its gate after a tool call of the model, asked through its Route", async () => {
      const { exitCode, text } = await clone.local("--real", "--gateway");
      assert.equal(exitCode, 0, text);
      assert.match(text, /Its gate asks the model through its Route/);
      assert.doesNotMatch(text, /SIMULATED/);
    });

    it("passes the smoke test through Route, LiteLLM and vLLM", async () => {
      assert.match(await ask("npm run -s ops -- smoke --stack local --gateway"), /, 0 failed$/);
    });

    it("has the real Claude Code make a tool call", async () => {
      await clone.run("npm", "install", "--silent", "--prefix", folder, claudeCode);
      const settings = 'settings=$(npm run -s ops -- claude-code --stack local) && eval "$settings"';
      const said = await ask(
        `${settings} && cd ${folder} && HOME=${folder} node_modules/.bin/claude -p "call ping" --output-format json < /dev/null`,
      );
      assert.match(said, /"is_error":false/);
    });
  },
);
