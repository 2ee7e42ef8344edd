/**
 * docs/switch-model.md with the CLI killed at random points of its steps: whatever an alias leads to is there. On the embedded cluster nothing
 * answers in a pod, so the gate asks simulated models, and the entries go to a simulated LiteLLM.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "kubernetes-types/apps/v1";
import { type ClusterClient, clusterClient } from "../../components/cluster/client";
import type { Live } from "../../components/cluster/objects";
import { startSimulatedModel, type SimulatedModel } from "../../local/simulation/model";
import { TestStack } from "../../harness/stack";
import { configureGateway, gatewayStack } from "../cluster/gatewayStack";
import { LiteLlmServer } from "../cluster/liteLlmServer";

const seed = Number(process.env.TEST_SEED ?? Date.now() % 100_000);
const kills = 20;
const namespace = "switching";
const alias = "claude-sonnet-4-5";
const adminKey = "sk-admin-key-canary-0123456789";
const settings = { vllm: {}, coder: { modelId: "Qwen/Qwen2.5-Coder-7B-Instruct", maxModelLen: 32_768 } };
type Name = keyof typeof settings;

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe(`a model that is switched under its alias, with ${kills} kills (TEST_SEED=${seed})`, function () {
  this.timeout(1_200_000);
  const random = randomFrom(seed);
  let litellm: LiteLlmServer;
  let model: SimulatedModel;
  let inference: TestStack;
  let gateway: TestStack;
  let client: ClusterClient;
  const spent = new Map<TestStack, number>();
  let left = kills;
  /** What an alias has led to while its model was gone. */
  const wrong: string[] = [];
  let watching = true;
  let looks = 0;
  let watched: Promise<void>;

  const models = (...names: Name[]): void =>
    inference.configure({ models: Object.fromEntries(names.map((name) => [name, settings[name]])) });
  const leadsTo = (name: Name): void => {
    const stack = "organization/vllm-inference/test";
    configureGateway(gateway, { models: [{ stack, model: name, gateUrl: model.url, aliases: [alias] }] });
  };
  const targets = (): string[] =>
    [...litellm.entries.values()].map(({ litellm_params }) => new URL(String(litellm_params["api_base"])).hostname);

  /** Which models are up, by the hosts of their Routes. */
  async function deployed(): Promise<string[]> {
    const answer = await client.get(`/apis/apps/v1/namespaces/${namespace}/deployments`);
    const { items } = answer?.body as { items: Live<Deployment>[] };
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => `${metadata.name}-${namespace}.apps.local.test`);
  }

  async function watch(): Promise<void> {
    while (watching) {
      const before = targets();
      const there = await deployed();
      // An entry that came or went meanwhile is judged at the next look.
      const after = targets();
      wrong.push(...before.filter((host) => after.includes(host) && !there.includes(host)));
      looks++;
      await sleep(50);
    }
  }

  before(async () => {
    litellm = await new LiteLlmServer(adminKey).start();
    model = await startSimulatedModel();
    inference = await TestStack.create(namespace);
    models("vllm");
    gateway = await gatewayStack("switching-gateway", inference, { mode: "register", litellmUrl: litellm.url });
    leadsTo("vllm");
    await gateway.pulumi("config", "set", "--secret", "litellmAdminKey", adminKey);
    for (const stack of [inference, gateway]) {
      const { exitCode, text, seconds } = await stack.up();
      assert.equal(exitCode, 0, text);
      spent.set(stack, seconds);
    }
    const { kubeconfig, context } = inference.cluster;
    client = await clusterClient({ kubeconfig, context });
    watched = watch();
  });
  after(async () => {
    watching = false;
    await watched;
    await gateway.remove();
    await inference.remove();
    await litellm.stop();
    await model.close();
  });

  /** `up`, killed so many times before it is let through. */
  async function through(stack: TestStack, times: number): Promise<void> {
    for (let kill = 0; kill < times; kill++) {
      const up = stack.start("up", "--yes", "--skip-preview", "--non-interactive");
      await sleep(random() * 1000 * spent.get(stack)!);
      up.kill("SIGKILL");
      await up;
      left--;
      await stack.pulumi("cancel", "--yes");
    }
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(wrong, []);
  }

  for (const [old, next, times] of [
    ["vllm", "coder", [3, 4, 3]],
    ["coder", "vllm", [3, 4, 3]],
  ] as const) {
    it(`comes beside the old one: ${next} beside ${old}`, async () => {
      models(old, next);
      await through(inference, times[0]);
      assert.deepEqual(targets(), [`${old}-${namespace}.apps.local.test`]);
    });

    it(`gets the alias only once it has answered a tool call: ${next}`, async () => {
      leadsTo(next);
      model.answer = "raw-json";
      const refused = await gateway.up();
      model.answer = "tool-call";
      assert.equal(refused.exitCode, 1, refused.text);
      assert.deepEqual(targets(), [`${old}-${namespace}.apps.local.test`]);
      await through(gateway, times[1]);
      assert.deepEqual(targets(), [`${next}-${namespace}.apps.local.test`]);
    });

    it(`stays when the old one goes: ${old}`, async () => {
      models(next);
      await through(inference, times[2]);
      assert.deepEqual(await deployed(), [`${next}-${namespace}.apps.local.test`]);
    });
  }

  it("has been looked at all the while", () => {
    assert.equal(left, 0);
    assert.ok(looks > 100, `${looks} looks`);
  });

  it("is seen to be gone where the old one goes before the alias has moved", async () => {
    models("coder");
    const { exitCode, text } = await inference.up();
    assert.equal(exitCode, 0, text);
    for (const until = looks + 2; looks < until;) await sleep(50);
    assert.ok(wrong.includes(`vllm-${namespace}.apps.local.test`));
  });
});
