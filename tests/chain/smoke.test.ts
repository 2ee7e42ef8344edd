import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { defaultAliases } from "../../gateway/data/aliases";
import { checks } from "../../ops/smoke/checks";
import { check, gatewayTarget, passes, vllmTarget, withChain } from "./chain";
import { others } from "./settings";

const root = path.resolve(__dirname, "..", "..");

/** What this vLLM refuses, though Claude Code goes on. */
const refused: Readonly<Record<string, RegExp>> = {
  "thinking-budget": /^the server takes no budget for thinking without a reasoning parser: /,
  "web-search": /^WebSearch is a tool of Anthropic's own servers/,
};

withChain("the smoke test of the real vLLM", (chain) => {
  for (const { name, what } of checks) {
    it(`${name}: ${what}`, async () => {
      const { advice } = await passes(vllmTarget(chain), name);
      if (refused[name]) assert.match(advice ?? "", refused[name]);
      else assert.equal(advice, undefined);
    });
  }
});

withChain("the smoke test of the real LiteLLM in front of it", (chain) => {
  const target = { ...gatewayTarget(chain, "claude-sonnet-4-5-20250929"), names: defaultAliases };
  for (const { name, what } of checks) {
    it(`${name}: ${what}`, async () => {
      const { advice } = await passes(target, name);
      if (refused[name]) assert.match(advice ?? "", refused[name]);
      // LiteLLM counts with a tokenizer of its own, whatever the model's is.
      else if (name === "count-tokens")
        assert.match(advice ?? "", /^LiteLLM counts, with a tokenizer of its own, here/);
      else assert.equal(advice, undefined);
    });
  }

  it("every alias answers a tool call", async () => {
    for (const alias of defaultAliases) await passes(gatewayTarget(chain, alias), "messages-tool");
  });
});

withChain("the other ways through LiteLLM", (chain) => {
  for (const alias of [others.translated, others.openai]) {
    for (const { name } of checks.filter(({ name: each }) => /^(chat|messages|second|auto)/.test(each))) {
      it(`${alias}: ${name}`, async () => {
        const target = gatewayTarget(chain, alias);
        // The reason why the gateway's own entries do without the translation.
        if (alias === others.translated && name === "messages-tool") {
          const { outcome, note } = await check(target, name);
          assert.equal(outcome, "failed");
          assert.match(note, /^answered a text block before the call: LiteLLM translates/);
        } else assert.equal((await passes(target, name)).advice, undefined);
      });
    }
  }
});

withChain("npm run ops -- smoke", ({ gateway }) => {
  const run = (key: string, ...more: string[]) =>
    execa(
      "node",
      [
        "-r",
        "ts-node/register/transpile-only",
        "ops/main.ts",
        "smoke",
        "--gateway",
        "--url",
        gateway.url,
        "--key-env",
        "KEY",
        ...more,
      ],
      {
        cwd: root,
        env: { KEY: key },
        reject: false,
      },
    );

  it("passes, one line a check, and says so with its exit code", async () => {
    const { stdout, exitCode } = await run(gateway.key, "--names", "claude-sonnet-4-5-20250929");
    assert.equal(exitCode, 0, stdout);
    for (const { name } of checks) assert.match(stdout, new RegExp(`^✓ ${name} .* \\d+\\.\\d s  `, "m"));
    assert.match(
      stdout,
      new RegExp(`^${checks.length} passed, 0 failed, ${1 + Object.keys(refused).length} with advice$`, "m"),
    );
  });

  it("fails with a wrong key, explains it, and shows no key", async () => {
    const wrong = "sk-wrong-0123456789abcdef";
    const { stdout, stderr, exitCode } = await run(wrong, "--json");
    assert.equal(exitCode, 1, stderr);
    const { ok, checks: results } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; outcome: string }[] };
    assert.equal(ok, false);
    assert.equal(results[0]?.outcome, "failed");
    assert.ok(!`${stdout}${stderr}`.includes(wrong));
  });
});
