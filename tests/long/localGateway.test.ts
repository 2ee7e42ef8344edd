import assert from "node:assert/strict";
import { Clone } from "../../harness/clone";
import { LiteLlmServer } from "../cluster/liteLlmServer";

const names = [
  "ANTHROPIC_BASE_URL",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_MODEL",
  "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL",
  "ANTHROPIC_DEFAULT_FABLE_MODEL",
  "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
  "CLAUDE_CODE_AUTO_COMPACT_WINDOW",
  "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE",
  "CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS",
  // The default image refuses what they keep out.
  "CLAUDE_CODE_MODEL_CAPABILITIES",
  "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
  "CLAUDE_CODE_ATTRIBUTION_HEADER",
];

/** On a terminal, which makes one for a command. */
const onTerminal = `python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'`;
const claudeCode = "npm run -s ops -- claude-code --stack local";

describe("npm run local -- --gateway, in a fresh clone", function () {
  let clone: Clone;
  /** By what LiteLLM and vLLM really know their clients. */
  let gatewayKey: string;
  let modelKey: string;
  const secretOf = async (namespace: string, name: string, key: string): Promise<string> => {
    const { text } = await clone.shell(`kubectl -n ${namespace} get secret ${name} -o 'jsonpath={.data.${key}}'`);
    return Buffer.from(text, "base64").toString();
  };
  before(async () => {
    clone = await Clone.make();
  });
  after(() => clone.remove());

  it("brings the model and the gateway up, says that its gate asked no real model, and what to type next", async () => {
    const { exitCode, text } = await clone.local("--gateway");
    assert.equal(exitCode, 0, text);
    assert.match(text, /asks a SIMULATED model server at http:\/\/127\.0\.0\.1:\d+: it proves the gate, not a model/);
    assert.match(text, /url +: "https:\/\/litellm-vllm-gateway\.apps\.local\.test"/);
    assert.ok(text.includes(claudeCode), text);
    gatewayKey = await secretOf("vllm-gateway", "litellm-master-key", "master-key");
    modelKey = await secretOf("vllm-inference", "vllm-api-key", "api-key");
    assert.match(gatewayKey, /^sk-/);
    assert.notEqual(modelKey, "");
    for (const key of [gatewayKey, modelKey]) assert.ok(!text.includes(key), "a key was printed");
  });

  it("gives a shell what Claude Code needs of the gateway, its key included", async () => {
    const { exitCode, text } = await clone.shell(
      `settings=$(${claudeCode}) && eval "$settings" && printenv ${names.join(" ")}`,
    );
    assert.equal(exitCode, 0, text);
    const values = text.split("\n");
    assert.deepEqual(values, [
      "https://litellm-vllm-gateway.apps.local.test",
      gatewayKey,
      "claude-sonnet-5-5",
      "claude-opus-5-5",
      "claude-sonnet-5-5",
      "claude-haiku-5-5",
      "claude-fable-5-2",
      "4096",
      "100000",
      "25",
      "4096",
      "-mid_conv_system",
      "1",
      "0",
    ]);
  });

  it("gives the same for settings.json", async () => {
    const { exitCode, text } = await clone.shell(`${claudeCode} --settings`);
    assert.equal(exitCode, 0, text);
    const { env } = JSON.parse(text) as { env: Record<string, string> };
    assert.deepEqual(Object.keys(env), names);
    assert.equal(env["ANTHROPIC_BASE_URL"], "https://litellm-vllm-gateway.apps.local.test");
    assert.equal(env["ANTHROPIC_AUTH_TOKEN"], gatewayKey);
  });

  it("gives the server itself with --direct", async () => {
    const { exitCode, text } = await clone.shell(
      `settings=$(${claudeCode} --direct) && eval "$settings" && printenv ${names.join(" ")}`,
    );
    assert.equal(exitCode, 0, text);
    const [url, key, ...models] = text.split("\n");
    assert.equal(url, "https://vllm-vllm-inference.apps.local.test");
    assert.equal(key, modelKey);
    assert.deepEqual(new Set(models.slice(0, 5)), new Set(["Qwen2.5-7B-Instruct-AWQ"]));
  });

  for (const flags of ["", " --settings", " --direct"]) {
    it(`hides the key on a terminal:${flags || " exports"}`, async () => {
      const { exitCode, text } = await clone.shell(`${onTerminal} ${claudeCode}${flags}`);
      assert.equal(exitCode, 0, text);
      assert.match(text, /<hidden, see --show-key>/);
      assert.ok(!text.includes(flags === " --direct" ? modelKey : gatewayKey), "the key was shown");
    });
  }

  it("shows the key on a terminal when it shall", async () => {
    const { exitCode, text } = await clone.shell(`${onTerminal} ${claudeCode} --show-key`);
    assert.equal(exitCode, 0, text);
    assert.ok(text.includes(gatewayKey), "the key was not shown");
  });

  it("changes nothing the second time", async () => {
    const { exitCode, text } = await clone.local("--gateway");
    assert.equal(exitCode, 0, text);
    assert.deepEqual(text.match(/^ +\d+ (?!unchanged)\w+$/gm), null, text);
    assert.equal(text.match(/^ +\d+ unchanged$/gm)?.length, 2, text);
  });

  describe("doctor", () => {
    const adminKey = "sk-admin-key-canary-0123456789";
    const doctor = async (): Promise<string[]> => {
      const { text } = await clone.shell("npm run -s ops -- doctor --stack local --json");
      assert.ok(!text.includes(adminKey), "the key was printed");
      const { results } = JSON.parse(text) as {
        results: { id: string; skipped?: string; findings: { severity: string; evidence: string }[] }[];
      };
      const { findings, skipped } = results.find(({ id }) => id === "gateway")!;
      return [...findings.map(({ severity, evidence }) => `${severity}: ${evidence}`), ...(skipped ? [skipped] : [])];
    };
    let litellm: LiteLlmServer;
    before(async () => {
      litellm = await new LiteLlmServer(adminKey).start();
    });
    after(() => litellm.stop());

    it("looks at each model in the config of the LiteLLM on the cluster", async () => {
      assert.match((await doctor()).join(), /^ok: litellm-config-[0-9a-f]{10}$/);
      const config = "model_list: [{model_name: a, model_info: {supports_function_calling: true}}]";
      const made = await clone.shell(
        `kubectl -n vllm-gateway create configmap another --from-literal='config.yaml=${config}'`,
      );
      assert.equal(made.exitCode, 0, made.text);
      assert.deepEqual(await doctor(), ["error: ConfigMap another: a lacks supports_tool_choice: true"]);
      await clone.shell("kubectl -n vllm-gateway delete configmap another");
    });

    it("looks at each entry of the LiteLLM where the models are registered, with the stack's own key", async () => {
      const set = "pulumi config set --cwd gateway --stack local";
      const configured = await clone.shell(
        `${set} mode register && ${set} litellmUrl ${litellm.url} && ${set} --secret litellmAdminKey ${adminKey}`,
      );
      assert.equal(configured.exitCode, 0, configured.text);
      litellm.add({
        model_name: "claude-opus-5",
        litellm_params: { model: "hosted_vllm/qwen", drop_params: true },
        model_info: {
          id: "one",
          managed_by: "organization/vllm-gateway/local",
          supports_function_calling: true,
          supports_tool_choice: true,
        },
      });
      const [dropped = "", missing = "", ...others] = await doctor();
      assert.equal(dropped, "error: claude-opus-5 sets drop_params: tool calls come back as text");
      assert.match(missing, /^error: claude-opus-5-5, .* are aliases of the stack and are not listed$/);
      assert.ok(!missing.includes("claude-opus-5,"), missing);
      assert.deepEqual(others, []);
      assert.deepEqual(litellm.writes, []);
    });
  });

  describe("claude-code, where the gateway's stack", () => {
    const state = ".local/backend/.pulumi/stacks/vllm-gateway/local.json";
    before(async () => {
      const { exitCode, text } = await clone.shell(`mv ${state} .local/saved.json && rm -f ${state}.bak`);
      assert.equal(exitCode, 0, text);
    });
    after(() => clone.shell(`mv .local/saved.json ${state}`));

    it("cannot be read, says so and points the shell nowhere else", async () => {
      await clone.shell(`echo broken > ${state}`);
      const { exitCode, text } = await clone.shell(claudeCode);
      assert.equal(exitCode, 1, text);
      assert.match(text, /pulumi stack output failed: /);
      assert.doesNotMatch(text, /ANTHROPIC/);
    });

    it("was never made, gives the server itself and says so", async () => {
      await clone.shell(`rm ${state}`);
      const { exitCode, text } = await clone.shell(claudeCode);
      assert.equal(exitCode, 0, text);
      assert.match(
        text,
        /^note: the gateway has no stack 'local' that is deployed; these settings are for vLLM itself$/m,
      );
      assert.match(text, /^export ANTHROPIC_BASE_URL='https:\/\/vllm-vllm-inference\.apps\.local\.test'$/m);
    });
  });

  it("leaves git status clean", async () => {
    const { text } = await clone.run("git", "status", "--porcelain");
    assert.equal(text, "");
  });
});
