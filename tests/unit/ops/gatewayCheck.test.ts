import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { entry, configFile } from "../../../gateway/entries";
import type { Checked } from "../../../ops/checks/check";
import { configFaults, gatewayChecks } from "../../../ops/checks/gateway";
import { exitCodes, OpsError } from "../../../ops/terminal/exitCodes";
import { Stopped } from "../../../ops/terminal/interrupt";
import { LiteLlmServer } from "../../cluster/liteLlmServer";
import { listOf, model } from "../gateway/models";

const aliases = ["a", "b"];
const list = listOf(model({ aliases }));
const pulumiUp = /^pulumi up --cwd gateway --refresh --stack test /;

describe("doctor, of LiteLLM's configuration", () => {
  const config = (changes: { params?: object; info?: object }, settings = {}): string => {
    const [first, ...others] = list.map((each) => entry(each, "hosted_vllm", undefined));
    const changed = {
      ...first,
      litellm_params: { ...first!.litellm_params, ...changes.params },
      model_info: { ...first!.model_info, ...changes.info },
    };
    return stringify({ model_list: [changed, ...others], litellm_settings: settings });
  };

  it("finds nothing in what the gateway writes", () => {
    assert.deepEqual(configFaults(configFile(list, "hosted_vllm")), []);
    assert.deepEqual(configFaults(config({ params: { drop_params: false } }, { drop_params: false })), []);
  });

  it("names the model that lacks something, though another one has it", () => {
    assert.deepEqual(configFaults(config({ info: { supports_function_calling: false } })), [
      "a lacks supports_function_calling: true",
    ]);
    assert.deepEqual(configFaults(config({ info: { supports_tool_choice: undefined } })), [
      "a lacks supports_tool_choice: true",
    ]);
  });

  it("names every model once for each fault", () => {
    assert.deepEqual(configFaults(stringify({ model_list: [{ model_name: "a" }, { model_name: "b" }] })), [
      "a, b lack supports_function_calling: true",
      "a, b lack supports_tool_choice: true",
    ]);
  });

  it("finds what drops the tools, of one model or of all", () => {
    assert.deepEqual(configFaults(config({ params: { drop_params: "True" } })), [
      "a sets drop_params: tool calls come back as text",
    ]);
    assert.deepEqual(configFaults(config({}, { drop_params: true })), [
      "sets drop_params for every model (litellm_settings): tool calls come back as text",
    ]);
  });

  it("finds what is no configuration at all, in a namespace where anybody may write", () => {
    for (const text of [
      "model_list: hello",
      "model_list: [",
      "model_list: [1]",
      "model_list",
      "litellm_settings: yes",
    ]) {
      const [fault, ...more] = configFaults(text);
      assert.match(fault ?? "", /^is no configuration of LiteLLM's: ./, text);
      assert.deepEqual(more, []);
    }
  });

  it("finds a list without a model", () => assert.deepEqual(configFaults("model_list: []"), ["has no model"]));
});

describe("doctor, of models registered in a LiteLLM that exists", () => {
  const adminKey = "sk-admin-canary";
  let litellm: LiteLlmServer;
  let directory: string;
  let settings: Record<string, unknown>;
  beforeEach(async () => {
    litellm = await new LiteLlmServer(adminKey).start();
    for (const each of list) litellm.add(entry(each, "hosted_vllm", "key"));
    litellm.add({ model_name: "theirs", litellm_params: { drop_params: true }, model_info: { id: "theirs" } });
    directory = mkdtempSync(path.join(tmpdir(), "vllm-doctor-"));
    mkdirSync(path.join(directory, "gateway"));
    writeFileSync(path.join(directory, "gateway/Pulumi.yaml"), "name: vllm-gateway\n");
    settings = { mode: "register", litellmUrl: litellm.url };
  });
  afterEach(async () => {
    rmSync(directory, { recursive: true });
    await litellm.stop();
  });

  const pulumi = (...args: string[]): Promise<string> =>
    Promise.resolve(args.includes("litellmAdminKey") ? `${adminKey}\n` : JSON.stringify({ aliases }));
  const check = async (
    asked: (...args: string[]) => Promise<string> = pulumi,
    text: string | undefined = undefined,
  ): Promise<unknown> => {
    const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`vllm-gateway:${key}`, value]));
    writeFileSync(path.join(directory, "gateway/Pulumi.test.yaml"), stringify({ config }));
    if (text !== undefined) writeFileSync(path.join(directory, "gateway/Pulumi.test.yaml"), text);
    const stack = { name: "test", directory, pulumi: asked };
    return gatewayChecks[0]!.run({ stack } as unknown as Checked);
  };
  const evidence = async (): Promise<string[]> => {
    const found = [await check()].flat() as { severity: string; evidence: string; mend: string }[];
    for (const { severity, mend } of found) assert.ok(severity === "error" && pulumiUp.test(mend), mend);
    return found.map((each) => each.evidence);
  };
  const first = () => litellm.entries.get(list[0]!.id)!;

  it("is fine as the stack has written them, whatever somebody else has", async () => {
    const note = `2 entries of this stack in ${litellm.url}`;
    assert.deepEqual(await check(), { severity: "ok", evidence: note });
    assert.deepEqual(litellm.writes, []);
  });

  it("names each entry that somebody has changed", async () => {
    first().model_info["supports_tool_choice"] = false;
    Object.assign(first().litellm_params, { drop_params: true, timeout: 5 });
    first().blocked = true;
    assert.deepEqual(await evidence(), [
      "a sets drop_params: tool calls come back as text",
      "a lacks supports_tool_choice: true",
      "a is paused",
      "a has timeout, set by somebody else",
    ]);
  });

  it("names the aliases that somebody has deleted", async () => {
    litellm.entries.delete(list[1]!.id);
    assert.deepEqual(await evidence(), ["b is an alias of the stack and is not listed"]);
  });

  it("tells where parameters are dropped for every model", async () => {
    litellm.dropParams = true;
    assert.deepEqual(await evidence(), [
      "sets drop_params for every model (litellm_settings): tool calls come back as text",
    ]);
  });

  it("shows no password of a URL that holds one", async () => {
    settings = { ...settings, litellmUrl: litellm.url.replace("//", "//admin:hunter2@") };
    assert.deepEqual(await check(), {
      severity: "error",
      evidence:
        "The URL of the LiteLLM holds a user name or a password, which no request can carry; set 'litellmUrl' without them",
      mend: "look at litellmUrl and litellmAdminKey in gateway/Pulumi.test.yaml",
    });
  });

  it("says what LiteLLM answers to a wrong key, without the key", async () => {
    const wrong = (await check(() => Promise.resolve("sk-wrong-canary\n"))) as { severity: string; evidence: string };
    assert.equal(wrong.severity, "error");
    assert.match(wrong.evidence, /^LiteLLM answered 401 to GET .*\/v1\/model\/info/);
    assert.ok(!wrong.evidence.includes("canary"));
  });

  it("says that the stack's file cannot be read", async () => {
    const { severity, evidence: said } = (await check(pulumi, "config: [")) as { severity: string; evidence: string };
    assert.equal(severity, "error");
    assert.match(said, /gateway\/Pulumi\.test\.yaml cannot be read: ./);
  });

  it("says why it cannot look", async () => {
    const locked = () =>
      Promise.reject(new OpsError("pulumi config get failed: incorrect passphrase", exitCodes.trouble));
    assert.deepEqual(await check(locked), {
      skipped: "its litellmAdminKey cannot be read: pulumi config get failed: incorrect passphrase",
    });
    await assert.rejects(
      check(() => Promise.reject(new Stopped("Stopped.", exitCodes.interrupted))),
      Stopped,
    );
    settings = { mode: "register" };
    assert.deepEqual(await check(), { skipped: "gateway/Pulumi.test.yaml names no litellmUrl" });
    settings = { mode: "direct" };
    assert.deepEqual(await check(), { skipped: "its mode is direct: there is no LiteLLM" });
    settings = {};
    assert.deepEqual(await check(), { skipped: "gateway/Pulumi.test.yaml names no kubeContext" });
  });
});
