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
};

describe("Claude Code's environment", () => {
  it("names the gateway, its key, the models and what fits their context", () => {
    assert.deepEqual(claudeCodeEnvironment(facts), {
      ANTHROPIC_BASE_URL: "https://litellm.apps.example.com",
      ANTHROPIC_AUTH_TOKEN: "sk-it's-a-key",
      ANTHROPIC_MODEL: "claude-sonnet-4-5-20250929",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-opus-4-5-20251101",
      ANTHROPIC_DEFAULT_SONNET_MODEL: "claude-sonnet-4-5-20250929",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-4-5-20251001",
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
      CLAUDE_CODE_AUTO_COMPACT_WINDOW: "32768",
      CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
    });
  });

  it("gives the same in both forms, whatever is in the key", () => {
    const { exports, settings } = claudeCodeBlock(facts);
    const shell = execFileSync("sh", ["-c", `${exports}env`], { env: {}, encoding: "utf8" });
    for (const [name, value] of Object.entries(claudeCodeEnvironment(facts))) {
      assert.ok(shell.split("\n").includes(`${name}=${value}`), `${name} is not ${value} in the shell`);
    }
    assert.deepEqual(JSON.parse(settings), { env: claudeCodeEnvironment(facts) });
  });

  it("uses other names where the gateway has others", () => {
    const environment = claudeCodeEnvironment({ ...facts, aliases: ["my-model", "my-haiku"] });
    assert.equal(environment["ANTHROPIC_DEFAULT_OPUS_MODEL"], "my-model");
    assert.equal(environment["ANTHROPIC_DEFAULT_HAIKU_MODEL"], "my-haiku");
  });

  it("says so where no key is known", () => {
    assert.equal(
      claudeCodeEnvironment({ ...facts, key: undefined })["ANTHROPIC_AUTH_TOKEN"],
      "<a key of this gateway>",
    );
  });
});

describe("the default aliases", () => {
  it("have a dated, a short and a current name in each family, each once", () => {
    for (const [family, names] of Object.entries(claudeModels)) {
      assert.ok(
        names.some((name) => /-\d{8}$/.test(name)),
        `${family} has no dated name`,
      );
      assert.ok(names.every((name) => name.startsWith(`claude-${family}-`)));
    }
    assert.equal(new Set(defaultAliases).size, defaultAliases.length);
    assert.ok(defaultAliases.includes("claude-sonnet-4-5-20250929"), "the smoke test's documented request asks for it");
  });
});
