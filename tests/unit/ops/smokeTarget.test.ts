import assert from "node:assert/strict";
import type { OpsStack } from "../../../ops/stack/openStack";
import { baseUrl, preferredModel, targetFromOutputs, targetOfStack, targetOfUrl } from "../../../ops/smoke/target";
import { fakeServer, key, names } from "./smokeServer";

const inference = {
  routeUrl: "https://vllm.example.com",
  servedModelNames: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B-Instruct-AWQ"],
  maxModelLen: 32_768,
  apiKey: "the-key",
};
const gateway = {
  url: "https://litellm.example.com",
  aliases: ["claude-opus-4-5", "claude-sonnet-4-5-20250929"],
  key: "sk-k",
};

describe("the target of the smoke test", () => {
  it("is what an inference stack's outputs say", () => {
    assert.deepEqual(targetFromOutputs(inference, {}, "dev"), {
      url: "https://vllm.example.com",
      key: "the-key",
      kind: "vllm",
      names: inference.servedModelNames,
      model: "Qwen2.5-7B-Instruct-AWQ",
      context: 32_768,
      takesInlineSystem: false,
    });
    for (const [imageLine, takes] of [
      ["3.3", false],
      ["3.5", true],
    ] as const)
      assert.equal(targetFromOutputs({ ...inference, imageLine }, {}, "dev").takesInlineSystem, takes);
  });

  it("is what a gateway's outputs say, asked for the documented alias", () => {
    assert.deepEqual(targetFromOutputs(gateway, { gateway: true }, "dev"), {
      url: "https://litellm.example.com",
      key: "sk-k",
      kind: "gateway",
      names: gateway.aliases,
      model: "claude-sonnet-4-5-20250929",
      context: undefined,
      takesInlineSystem: false,
    });
  });

  it("reads the outputs, keys included, of the stack or of the gateway's of that name", async () => {
    const asked: string[] = [];
    const pulumi = (...args: string[]): Promise<string> => {
      asked.push(args.join(" "));
      return Promise.resolve(JSON.stringify({ ...inference, ...gateway }));
    };
    const stack = { name: "dev", args: { component: "vllm" }, directory: "/project", pulumi } as unknown as OpsStack;
    assert.equal((await targetOfStack(stack, {})).key, "the-key");
    assert.equal((await targetOfStack(stack, { gateway: true })).key, "sk-k");
    assert.deepEqual(asked, [
      "stack output --json --show-secrets",
      "stack output --json --show-secrets --cwd /project/gateway",
    ]);
  });

  it("goes around the Route with the stack's key where a URL is given", () => {
    const { url, key: shown } = targetFromOutputs(inference, { url: "http://127.0.0.1:8000/v1/" }, "dev");
    assert.deepEqual([url, shown], ["http://127.0.0.1:8000", "the-key"]);
  });

  it("says that nothing is deployed, or that there is no Route", () => {
    assert.throws(() => targetFromOutputs({}, {}, "dev"), {
      message: "Nothing is deployed in stack 'dev'; `pulumi up --stack dev` makes it.",
      exitCode: 3,
    });
    assert.throws(() => targetFromOutputs({}, { gateway: true }, "dev"), {
      message: "Nothing is deployed in stack 'dev' of the gateway; `pulumi up --cwd gateway --stack dev` makes it.",
    });
    assert.throws(() => targetFromOutputs({ ...inference, routeUrl: undefined }, {}, "dev"), {
      message: "The stack 'dev' has no Route. Forward a port and name it: --stack dev --url http://127.0.0.1:8000.",
      exitCode: 2,
    });
  });

  it("takes names and context from the server where only a URL is given", async () => {
    const server = await fakeServer();
    try {
      const target = await targetOfUrl({ url: `${server.url}/v1`, key }, 5);
      assert.deepEqual(target, { url: server.url, key, kind: "vllm", names, model: "Ping", context: 32_768 });
      // A server that refuses is the first check's to report.
      assert.deepEqual((await targetOfUrl({ url: server.url, key: "wrong" }, 5)).names, []);
    } finally {
      server.close();
    }
  });

  it("asks for a name that every client can use", () => {
    assert.equal(preferredModel(["Tiny/Ping", "Ping"]), "Ping");
    assert.equal(preferredModel(["Tiny/Ping"]), "Tiny/Ping");
    assert.equal(preferredModel([]), undefined);
    assert.equal(baseUrl("https://x/v1/"), "https://x");
  });
});
