import assert from "node:assert/strict";
import { startSimulatedModel, type SimulatedModel } from "../../local/simulation/model";
import { configureGateway, gatewayStack, publish, publishModel, qwen } from "./gatewayStack";
import type { TestStack } from "../../harness/stack";

const modelKey = "model-key-canary-0123456789";
const newKey = "another-key-canary-0123456789";

describe("the gateway deployed on the cluster", function () {
  const namespace = "gateway";
  const accepted = { apiKey: modelKey, names: qwen.servedModelNames };
  let model: SimulatedModel;
  let inference: TestStack;
  let gateway: TestStack;
  before(async () => {
    model = await startSimulatedModel(accepted);
    inference = await publishModel({ ...qwen, apiKey: modelKey });
    gateway = await gatewayStack(namespace, inference, {});
    setAliases("claude-sonnet-4-5-20250929");
  });
  after(async () => {
    await gateway.remove();
    await inference.remove();
    await model.close();
  });
  beforeEach(() => (model.asked = 0));

  const setAliases = (...aliases: readonly string[]): void =>
    configureGateway(gateway, { models: [{ stack: "organization/model/test", gateUrl: model.url, aliases }] });
  const get = (...what: readonly string[]): Promise<string> => gateway.cluster.kubectl("-n", namespace, "get", ...what);
  const podUid = (): Promise<string> => get("pods", "-o", "jsonpath={.items[*].metadata.uid}");
  const configMaps = async (): Promise<string[]> => {
    const names = await get("configmaps", "-o", "jsonpath={.items[*].metadata.name}");
    return names.split(" ").filter((name) => name.startsWith("litellm-config-"));
  };
  const config = async (): Promise<string> =>
    get("configmap", (await configMaps()).join(), "-o", "jsonpath={.data.config\\.yaml}");

  it("comes up with a Ready pod under Pod Security `restricted` and an admitted Route", async () => {
    const { exitCode, text } = await gateway.up();
    assert.equal(exitCode, 0, text);
    assert.equal(model.asked, 1);
    const enforced = await gateway.cluster.kubectl("get", "namespace", namespace, "-o", "jsonpath={.metadata.labels}");
    assert.match(enforced, /"pod-security.kubernetes.io\/enforce":"restricted"/);
    const ready = `jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}`;
    assert.equal(await get("pods", "-o", ready), "True");
    const { url, key, aliases, claudeCode } = await gateway.outputs();
    assert.equal(url, `https://litellm-${namespace}.apps.local.test`);
    assert.deepEqual(aliases, ["claude-sonnet-4-5-20250929"]);
    assert.match(String(key), /^sk-[A-Za-z0-9]{48}$/);
    const { exports } = claudeCode as { exports: string };
    assert.ok(exports.includes(`export ANTHROPIC_AUTH_TOKEN='${String(key)}'`), exports);
  });

  it("lets the pod out to the model and to DNS alone", async () => {
    // The embedded cluster enforces no NetworkPolicy: what is checked is what it says.
    const policy = JSON.parse(await get("networkpolicy", "litellm", "-o", "json")) as {
      spec: { policyTypes: string[]; egress: { to: { podSelector?: unknown; namespaceSelector?: unknown }[] }[] };
    };
    assert.deepEqual(policy.spec.policyTypes, ["Ingress", "Egress"]);
    assert.deepEqual(policy.spec.egress.slice(1), [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "models" } },
            podSelector: { matchLabels: { app: "vllm" } },
          },
        ],
        ports: [{ protocol: "TCP", port: 8000 }],
      },
    ]);
  });

  it("keeps the keys out of its config, its state and what it prints", async () => {
    const { key } = await gateway.outputs();
    const state = await gateway.pulumi("stack", "export");
    for (const secret of [modelKey, String(key)]) {
      assert.ok(!(await config()).includes(secret), "the config holds a key");
      assert.ok(!state.includes(secret), "the state holds a key in plain text");
      assert.ok(!state.includes(Buffer.from(secret).toString("base64")), "the state holds a key in base64");
    }
  });

  it("changes nothing and asks nobody the second time", async () => {
    const { exitCode, text } = await gateway.up("--expect-no-changes");
    assert.equal(exitCode, 0, text);
    assert.equal(model.asked, 0);
  });

  it("asks the model again with its new API key, and keeps the pod while the model does not accept it", async () => {
    const before = await podUid();
    await publish(inference, { ...qwen, apiKey: newKey });
    const { exitCode, text } = await gateway.up();
    assert.notEqual(exitCode, 0);
    assert.match(text, /answered 401/);
    assert.ok(!text.includes(modelKey) && !text.includes(newKey), "a key was printed");
    assert.equal(await podUid(), before);
  });

  const livesOn = async (): Promise<object> => ({
    pod: await podUid(),
    config: await config(),
    policy: await get("networkpolicy", "litellm", "-o", "jsonpath={.spec}"),
    keys: await get("secrets", "litellm-master-key", "litellm-model-keys", "-o", "jsonpath={.items[*].data}"),
    // What clients are told must be what the pod knows.
    told: JSON.stringify((await gateway.outputs())["claudeCode"]),
  });
  let old: object;

  it("leaves all that the old pod lives on when the gate fails, and says why", async () => {
    old = await livesOn();
    accepted.apiKey = newKey;
    model.answer = "raw-json";
    // All that does not wait for the gate is done before it speaks.
    model.delay = 3000;
    setAliases("claude-opus-4-5-20251101");
    configureGateway(gateway, { masterKeyRotation: 2 });
    await publish(inference, { ...qwen, internalUrl: "http://vllm.elsewhere.svc:8000", apiKey: newKey });
    const { exitCode, text } = await gateway.up();
    assert.notEqual(exitCode, 0);
    assert.match(text, /answers no tool call: .*no tool_use block, so the tool call was not parsed/);
    assert.match(text, /The aliases stay as they were\./);
    assert.ok(!text.includes(newKey), "the key was printed");
    assert.deepEqual(await livesOn(), old);
  });

  it("rolls the pod with the aliases, both keys and the model's new place once the gate passes, and keeps one config", async () => {
    model.answer = "tool-call";
    model.delay = 0;
    const { exitCode, text } = await gateway.up();
    assert.equal(exitCode, 0, text);
    const now = (await livesOn()) as Record<string, string>;
    for (const [what, before] of Object.entries(old)) assert.notEqual(now[what], before, what);
    const [only, ...others] = await configMaps();
    assert.deepEqual(others, []);
    assert.match(await get("pods", "-o", "jsonpath={.items[*].spec.volumes}"), new RegExp(`"${only}"`));
    assert.match(await config(), /claude-opus-4-5-20251101/);
  });

  it("refuses a model that cannot serve Claude Code at preview, with every mistake at once", async () => {
    await publish(inference, { ...qwen, maxModelLen: 8192, toolCallParser: undefined, apiKey: newKey });
    configureGateway(gateway, { image: "ghcr.io/berriai/litellm-non_root:v1.82.7" });
    const { exitCode, text } = await gateway.preview();
    assert.notEqual(exitCode, 0);
    assert.match(text, /3 mistakes in the configuration of stack 'test'/);
    assert.match(
      text,
      /'image' \(ghcr\.io\/berriai\/litellm-non_root:v1\.82\.7\) must not be LiteLLM 1\.82\.7, 1\.82\.8, 1\.107\.0/,
    );
    assert.match(text, /'models\[0\]\.maxModelLen' \(8192\) must have at least 32768 tokens of context/);
    assert.match(text, /'models\[0\]\.toolCallParser' must have a tool-call parser/);
    assert.doesNotMatch(text, /^\s+at .*\.ts:/m);
  });
});
