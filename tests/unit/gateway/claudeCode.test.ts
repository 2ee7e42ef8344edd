import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { type ClaudeCodeFacts, claudeCodeBlock, claudeCodeEnvironment } from "../../../gateway/claudeCode";
import { claudeModels, defaultAliases } from "../../../gateway/data/aliases";

const facts: ClaudeCodeFacts = {
  url: "https://litellm.apps.example.com",
  key: "sk-it's-a-key",
  aliases: defaultAliases,
  context: 32_768,
  maxOutputTokens: 4_096,
  takesInlineSystem: true,
};

describe("Claude Code's environment", () => {
  it("names the gateway, its key, the models of today and what keeps their context from overflowing", () => {
    assert.deepEqual(claudeCodeEnvironment(facts), {
      ANTHROPIC_BASE_URL: "https://litellm.apps.example.com",
      ANTHROPIC_AUTH_TOKEN: "sk-it's-a-key",
      ANTHROPIC_MODEL: "claude-sonnet-5-5",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-opus-5-5",
      ANTHROPIC_DEFAULT_SONNET_MODEL: "claude-sonnet-5-5",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-5-5",
      ANTHROPIC_DEFAULT_FABLE_MODEL: "claude-fable-5-2",
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
      CLAUDE_CODE_AUTO_COMPACT_WINDOW: "100000",
      CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: "25",
      CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS: "4096",
      CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
    });
  });

  it("keeps `system` out of the messages for a server that may refuse it", () => {
    const environment = claudeCodeEnvironment({ ...facts, takesInlineSystem: false });
    assert.equal(environment["CLAUDE_CODE_MODEL_CAPABILITIES"], "-mid_conv_system");
    assert.equal(environment["CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"], "1");
  });

  it("names no window below Claude Code's smallest, and no share of one that is as large as the context", () => {
    for (const [context, maxOutputTokens] of [
      [32_768, 4_096],
      [65_536, 20_480],
      [98_304, 36_864],
    ] as const) {
      const environment = claudeCodeEnvironment({ ...facts, context, maxOutputTokens });
      const share = Number(environment["CLAUDE_AUTOCOMPACT_PCT_OVERRIDE"]);
      assert.equal(environment["CLAUDE_CODE_AUTO_COMPACT_WINDOW"], "100000");
      const compactsAt = (share / 100) * (100_000 - maxOutputTokens);
      assert.ok(compactsAt <= context - maxOutputTokens - 4_096 && compactsAt > context - maxOutputTokens - 5_120);
    }
    const large = claudeCodeEnvironment({ ...facts, context: 131_072, maxOutputTokens: 53_248 });
    assert.equal(large["CLAUDE_CODE_AUTO_COMPACT_WINDOW"], "131072");
    assert.ok(!("CLAUDE_AUTOCOMPACT_PCT_OVERRIDE" in large));
  });

  it("gives the same in both forms, whatever is in the key", () => {
    const { exports, settings } = claudeCodeBlock(facts);
    const shell = execFileSync("sh", ["-c", `${exports}env`], { env: {}, encoding: "utf8" });
    for (const [name, value] of Object.entries(claudeCodeEnvironment(facts))) {
      assert.ok(shell.split("\n").includes(`${name}=${value}`), `${name} is not ${value} in the shell`);
    }
    const permissions = { deny: ["WebSearch"] };
    assert.deepEqual(JSON.parse(settings), { env: claudeCodeEnvironment(facts), permissions });
  });

  it("uses other names where the gateway has others", () => {
    const environment = claudeCodeEnvironment({ ...facts, aliases: ["my-model", "my-haiku"] });
    assert.equal(environment["ANTHROPIC_DEFAULT_OPUS_MODEL"], "my-model");
    assert.equal(environment["ANTHROPIC_DEFAULT_HAIKU_MODEL"], "my-haiku");
    assert.equal(environment["CLAUDE_CODE_MAX_CONTEXT_TOKENS"], "100000");
  });

  it("says so where no key is known", () => {
    assert.equal(
      claudeCodeEnvironment({ ...facts, key: undefined })["ANTHROPIC_AUTH_TOKEN"],
      "<a key of this gateway>",
    );
  });
});

describe("the default aliases", () => {
  it("have each name of its family once, the one of today first", () => {
    for (const [family, names] of Object.entries(claudeModels)) {
      assert.ok(names.every((name) => name.startsWith(`claude-${family}-`)));
      assert.ok(!/-\d{8}$/.test(names[0]), `${family} begins with a dated name`);
    }
    assert.equal(new Set(defaultAliases).size, defaultAliases.length);
    assert.ok(defaultAliases.includes("claude-sonnet-4-5-20250929"), "the smoke test's documented request asks for it");
  });
});
