import assert from "node:assert/strict";
import { Gate } from "../../../gateway/gate";
import type { ReadModel } from "../../../gateway/stacks";
import { startSimulatedModel } from "../../../local/simulation/model";
import { proveInlineSystem, proveToolCall, toolCallFault } from "../../../gateway/toolCall";
import { model } from "./models";

const apiKey = "key-that-must-not-be-printed";

function read(stack: string, gateUrl: string): ReadModel {
  return { ...model({ stack }), gateUrl, apiKey };
}

/** No question that a test does not expect. */
const unasked = (): Promise<never> => Promise.reject(new Error("nobody was to ask"));
const none = { toolCall: unasked, inlineSystem: unasked };

describe("the gate", () => {
  it("asks each model once, however many entries wait for it", async () => {
    const asked: string[] = [];
    const gate = new Gate([read("a", "http://a"), read("b", "http://b")], 1, {
      ...none,
      toolCall({ url }) {
        asked.push(url);
        return Promise.resolve();
      },
    });
    await Promise.all([gate.pass(["a"]), gate.pass(["a", "b"])]);
    await gate.pass(["a"]);
    assert.deepEqual(asked, ["http://a", "http://b"]);
  });

  it("asks by the very name that the gateway will use", async () => {
    let name = "";
    const gate = new Gate([read("a", "http://a")], 1, {
      ...none,
      toolCall(target) {
        name = target.model;
        return Promise.resolve();
      },
    });
    await gate.pass(["a"]);
    assert.equal(name, "Qwen2.5-7B-Instruct-AWQ");
  });

  it("proves of a line that takes `system` inside messages that it does, because Claude Code then sends it", async () => {
    const asked: string[] = [];
    const proofs = {
      toolCall: () => Promise.resolve(),
      inlineSystem({ url }: { url: string }) {
        asked.push(url);
        return Promise.reject(new Error("400"));
      },
    };
    const models = [
      { ...read("old", "http://old"), imageLine: "3.3" },
      { ...read("unknown", "http://unknown"), imageLine: undefined },
      { ...read("new", "http://new"), imageLine: "3.5" },
    ];
    const gate = new Gate(models, 1, proofs);
    await gate.pass(["old", "unknown"]);
    await assert.rejects(
      gate.pass(["new"]),
      new Error(
        "The model Qwen2.5-7B-Instruct-AWQ of new refuses what Claude Code sends: 400; see that its image is of line 3.5, or correct " +
          "imageLine. The aliases stay as they were.",
      ),
    );
    assert.deepEqual(asked, ["http://new"]);
  });

  it("names every model that failed", async () => {
    const gate = new Gate([read("a", "http://a"), read("b", "http://b")], 1, {
      ...none,
      toolCall: ({ url }) => Promise.reject(new Error(url)),
    });
    await assert.rejects(
      gate.pass(["a", "b"]),
      new Error(
        "The model Qwen2.5-7B-Instruct-AWQ of a answers no tool call: http://a; The model Qwen2.5-7B-Instruct-AWQ of b answers no tool " +
          "call: http://b. The aliases stay as they were.",
      ),
    );
  });
});

describe("the proof that `system` is taken inside messages", () => {
  it("passes for a model that answers, and says what came instead otherwise", async () => {
    const server = await startSimulatedModel({ apiKey });
    try {
      await proveInlineSystem({ url: server.url, apiKey, model: "any" });
      server.answer = "unavailable";
      await assert.rejects(
        proveInlineSystem({ url: server.url, apiKey, model: "any" }),
        /\/v1\/messages\?beta=true answered 503: /,
      );
    } finally {
      await server.close();
    }
  });
});

describe("the proof of a tool call", () => {
  it("passes for a model that calls the tool", async () => {
    const server = await startSimulatedModel({ apiKey });
    try {
      await proveToolCall({ url: `${server.url}/`, apiKey, model: "any" });
      assert.equal(server.asked, 1);
    } finally {
      await server.close();
    }
  });

  for (const [answer, expected] of [
    ["raw-json", /no tool_use block, so the tool call was not parsed/],
    ["unavailable", /answered 503: The application is currently not serving requests/],
  ] as const) {
    it(`fails for one that answers with ${answer}`, async () => {
      const server = await startSimulatedModel();
      server.answer = answer;
      try {
        await assert.rejects(proveToolCall({ url: server.url, model: "any" }), expected);
      } finally {
        await server.close();
      }
    });
  }

  it("fails with a wrong key and does not print it", async () => {
    const server = await startSimulatedModel({ apiKey: "another" });
    try {
      await assert.rejects(proveToolCall({ url: server.url, apiKey, model: "any" }), (error: Error) => {
        assert.match(error.message, /answered 401/);
        return !error.message.includes(apiKey);
      });
    } finally {
      await server.close();
    }
  });

  it("fails where nobody listens", async () => {
    const server = await startSimulatedModel();
    await server.close();
    await assert.rejects(proveToolCall({ url: server.url, model: "any" }), /cannot be reached: connect ECONNREFUSED/);
  });

  it("wants the tool that was asked for, and that the model stopped for it", () => {
    const message = (name: string, stop_reason: string): object => ({
      stop_reason,
      content: [{ type: "tool_use", name }],
    });
    assert.equal(toolCallFault(message("ping", "tool_use")), undefined);
    assert.match(toolCallFault(message("pong", "tool_use")) ?? "", /pong instead of ping/);
    assert.match(toolCallFault(message("ping", "max_tokens")) ?? "", /max_tokens instead of tool_use/);
    assert.match(toolCallFault("<html>") ?? "", /no message/);
  });
});
