import assert from "node:assert/strict";
import { readMessageStream, type StreamEvent } from "../../../ops/smoke/grammar";

type Data = Record<string, unknown> & { type: string };

const start: Data = { type: "message_start", message: { role: "assistant", content: [], usage: { input_tokens: 9 } } };
const textStart: Data = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
const textDelta: Data = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } };
const blockStop: Data = { type: "content_block_stop", index: 0 };
const toolStart: Data = {
  type: "content_block_start",
  index: 0,
  content_block: { type: "tool_use", id: "toolu_1", name: "ping", input: {} },
};
const toolDelta: Data = {
  type: "content_block_delta",
  index: 0,
  delta: { type: "input_json_delta", partial_json: "{}" },
};
const endTurn: Data = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } };
const toolUse: Data = { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 3 } };
const stop: Data = { type: "message_stop" };
const ping: Data = { type: "ping" };

const text = [start, ping, textStart, textDelta, textDelta, blockStop, endTurn, stop];
const call = [start, toolStart, toolDelta, blockStop, toolUse, stop];

function events(list: readonly Data[]): StreamEvent[] {
  return list.map((data) => ({ event: data.type, data: JSON.stringify(data) }));
}

function problems(...list: readonly Data[]): readonly string[] {
  return readMessageStream(events(list)).problems;
}

function without(list: readonly Data[], type: string): Data[] {
  return list.filter((data) => data.type !== type);
}

describe("the grammar of a streamed message", () => {
  it("accepts an answer in words, and puts it together", () => {
    assert.deepEqual(readMessageStream(events(text)), {
      problems: [],
      blocks: [{ type: "text", content: "HelloHello" }],
      stopReason: "end_turn",
    });
  });

  it("accepts a tool call, with or without parts of its input", () => {
    assert.deepEqual(readMessageStream(events(call)), {
      problems: [],
      blocks: [{ type: "tool_use", name: "ping", content: "{}" }],
      stopReason: "tool_use",
    });
    assert.deepEqual(problems(start, toolStart, blockStop, toolUse, stop), []);
  });

  it("accepts thinking before the answer, and events of a kind that is not known yet", () => {
    const thinking: Data[] = [
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm." } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "abc" } },
      blockStop,
    ];
    const answer = [textStart, textDelta, blockStop].map((data) => ({ ...data, index: 1 }));
    assert.deepEqual(problems(start, ...thinking, { type: "novelty" }, ...answer, endTurn, stop), []);
  });

  const broken: Record<string, { list: Data[]; problems: string[] }> = {
    "a second message_start": { list: [start, ...text], problems: ["a second message_start"] },
    "no message_start": {
      list: [textStart, blockStop, endTurn, stop],
      problems: [
        "content_block_start comes before message_start",
        "content_block_stop comes before message_start",
        "message_delta comes before message_start",
        "message_stop comes before message_start",
        "no message_start",
      ],
    },
    "a message_start that is not empty": {
      list: [{ type: "message_start", message: { role: "assistant", content: [{}], usage: {} } }, ...text.slice(1)],
      problems: ["message_start holds no empty message of the assistant"],
    },
    "a message_start without usage": {
      list: [{ type: "message_start", message: { role: "assistant", content: [] } }, ...text.slice(1)],
      problems: ["message_start tells no usage"],
    },
    "thinking in a text block": {
      list: [
        start,
        textStart,
        { ...textDelta, delta: { type: "thinking_delta", thinking: "Hm" } },
        blockStop,
        endTurn,
        stop,
      ],
      problems: ["a thinking_delta in a text block"],
    },
    "a tool's input in a text block": {
      list: [start, textStart, toolDelta, blockStop, endTurn, stop],
      problems: ["a input_json_delta in a text block"],
    },
    "a delta without a block": {
      list: [start, textDelta, endTurn, stop],
      problems: ["content_block_delta for content block 0, which is not open"],
    },
    "a delta of another block": {
      list: [start, textStart, { ...textDelta, index: 3 }, blockStop, endTurn, stop],
      problems: ["content_block_delta for content block 3, which is not open"],
    },
    "a delta after its block": {
      list: [start, textStart, blockStop, textDelta, endTurn, stop],
      problems: ["content_block_delta for content block 0, which is not open"],
    },
    "a block that starts with the wrong index": {
      list: [start, { ...textStart, index: 1 }, { ...blockStop, index: 0 }, endTurn, stop],
      problems: ["content block 1 starts where 0 is due"],
    },
    "two blocks at once": {
      list: [start, textStart, { ...textStart, index: 1 }, blockStop, { ...blockStop, index: 1 }, endTurn, stop],
      problems: ["content block 1 starts while 0 is open"],
    },
    "a block that never stops": {
      list: [start, textStart, textDelta, endTurn, stop],
      problems: ["message_delta comes while content block 0 is open", "content block 0 never stops"],
    },
    "no message_delta": { list: without(text, "message_delta"), problems: ["no message_delta with a stop_reason"] },
    "no message_stop": { list: without(text, "message_stop"), problems: ["no message_stop"] },
    "something after message_stop": {
      list: [...text, endTurn],
      problems: ["message_delta comes after message_stop"],
    },
    "an error in the middle": {
      list: [start, textStart, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
      problems: [
        "the stream carries an error: Overloaded",
        "content block 0 never stops",
        "no message_delta with a stop_reason",
        "no message_stop",
      ],
    },
    "a tool call that ends as words do": {
      list: [start, toolStart, toolDelta, blockStop, endTurn, stop],
      problems: ["stop_reason end_turn with a tool_use block"],
    },
    "tool_use without a tool": {
      list: [start, textStart, textDelta, blockStop, toolUse, stop],
      problems: ["stop_reason tool_use without a tool_use block"],
    },
    "a tool without a name": {
      list: [start, { ...toolStart, content_block: { type: "tool_use", id: "1" } }, blockStop, toolUse, stop],
      problems: ["a tool_use block has no name"],
    },
    "input that is cut off": {
      list: [
        start,
        toolStart,
        { ...toolDelta, delta: { type: "input_json_delta", partial_json: '{"a":' } },
        blockStop,
        toolUse,
        stop,
      ],
      problems: ['the tool\'s input is no JSON object: {"a":'],
    },
  };
  for (const [name, { list, problems: expected }] of Object.entries(broken)) {
    it(`finds ${name}`, () => assert.deepEqual(problems(...list), expected));
  }

  it("finds an event whose name is not its type, and one that is no JSON", () => {
    const list = events(text).map((event, index) => (index === 7 ? { ...event, event: undefined } : event));
    assert.deepEqual(readMessageStream(list).problems, ["an event named nothing says that it is message_stop"]);
    assert.deepEqual(readMessageStream([...events(text), { event: "x", data: "[DONE]" }]).problems, [
      "an event is no JSON object: [DONE]",
    ]);
  });

  it("says of an empty stream what is missing", () => {
    assert.deepEqual(problems(), ["no message_start", "no message_delta with a stop_reason", "no message_stop"]);
  });
});
