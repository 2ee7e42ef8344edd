import assert from "node:assert/strict";
import { Gate } from "../../../gateway/gate";
import type { ReadModel } from "../../../gateway/stacks";
import { startSimulatedModel } from "../../../local/simulation/model";
import { proveToolCall, toolCallFault } from "../../../gateway/toolCall";
import { model } from "./models";

const apiKey = "key-that-must-not-be-printed";

function read(stack: string, gateUrl: string): ReadModel {
  return { ...model({ stack }), gateUrl, apiKey };
}

describe("the gate", () => {
  it("asks each model once, however many entries wait for it", async () => {
    const asked: string[] = [];
    const gate = new Gate([read("a", "http://a"), read("b", "http://b")], 1, ({ url }) => {
      asked.push(url);
      return Promise.resolve();
    });
    await Promise.all([gate.pass(["a"]), gate.pass(["a", "b"])]);
    await gate.pass(["a"]);
    assert.deepEqual(asked, ["http://a", "http://b"]);
  });

  it("asks by the very name that the gateway will use", async () => {
    let name = "";
    const gate = new Gate([read("a", "http://a")], 1, (target) => {
      name = target.model;
      return Promise.resolve();
    });
    await gate.pass(["a"]);
    assert.equal(name, "Qwen2.5-7B-Instruct-AWQ");
  });

  it("names every model that failed", async () => {
    const gate = new Gate([read("a", "http://a"), read("b", "http://b")], 1, ({ url }) =>
      Promise.reject(new Error(url)),
    );
    await assert.rejects(
      gate.pass(["a", "b"]),
      new Error(
        "The model Qwen2.5-7B-Instruct-AWQ of a answers no tool call: http://a; The model Qwen2.5-7B-Instruct-AWQ of b answers no tool " +
          "call: http://b. The aliases stay as they were.",
      ),
    );
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
