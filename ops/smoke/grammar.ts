/** The grammar of a streamed Anthropic message, as a pure function over its events. https://docs.claude.com/en/docs/build-with-claude/streaming */

/** One server-sent event: its `event:` line and its `data:`. */
export interface StreamEvent {
  readonly event?: string | undefined;
  readonly data: string;
}

/** A content block, put together from its deltas. */
export interface Block {
  readonly type: string;
  readonly name?: string;
  /** The text, or the JSON of a tool's input. */
  readonly content: string;
}

export interface StreamedMessage {
  /** Every rule that the events break; empty for a good stream. */
  readonly problems: readonly string[];
  readonly blocks: readonly Block[];
  readonly stopReason?: string | undefined;
}

/** Which deltas belong into which block. */
const deltasOf: Readonly<Record<string, readonly string[]>> = {
  text: ["text_delta", "citations_delta"],
  tool_use: ["input_json_delta"],
  server_tool_use: ["input_json_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  redacted_thinking: [],
};

interface Data {
  type?: unknown;
  index?: unknown;
  message?: { role?: unknown; content?: unknown; usage?: unknown };
  content_block?: { type?: unknown; name?: unknown };
  delta?: { type?: unknown; text?: unknown; partial_json?: unknown; thinking?: unknown; stop_reason?: unknown };
  error?: { type?: unknown; message?: unknown };
}

interface State {
  readonly problems: string[];
  readonly blocks: { type: string; name?: string; content: string; open: boolean }[];
  started: number;
  stopped: number;
  stopReason: string | undefined;
}

export function readMessageStream(events: readonly StreamEvent[]): StreamedMessage {
  const state: State = { problems: [], blocks: [], started: 0, stopped: 0, stopReason: undefined };
  for (const event of events) takeEvent(state, event);
  finish(state);
  const blocks = state.blocks.map(({ open: _, ...block }) => block);
  return { problems: state.problems, blocks, stopReason: state.stopReason };
}

function takeEvent(state: State, { event, data: text }: StreamEvent): void {
  const data = parse(text);
  if (data === undefined) {
    state.problems.push(`an event is no JSON object: ${text.slice(0, 80)}`);
    return;
  }
  const type = String(data.type);
  if (event !== type) state.problems.push(`an event named ${event ?? "nothing"} says that it is ${type}`);
  if (type === "ping") return;
  if (type === "error") {
    state.problems.push(
      `the stream carries an error: ${typeof data.error?.message === "string" ? data.error.message : text}`,
    );
    return;
  }
  if (!(type in handlers)) return; // "new event types may be added": clients must let them pass
  if (type !== "message_start" && state.started === 0) state.problems.push(`${type} comes before message_start`);
  if (state.stopped > 0) state.problems.push(`${type} comes after message_stop`);
  handlers[type]?.(state, data);
}

const handlers: Readonly<Record<string, (state: State, data: Data) => void>> = {
  message_start(state, { message }) {
    state.started += 1;
    if (state.started > 1) state.problems.push("a second message_start");
    if (message?.role !== "assistant" || !Array.isArray(message.content) || message.content.length > 0) {
      state.problems.push("message_start holds no empty message of the assistant");
    }
    if (message?.usage == null) state.problems.push("message_start tells no usage");
  },

  content_block_start(state, { index, content_block: block }) {
    const expected = state.blocks.length;
    if (index !== expected) state.problems.push(`content block ${show(index)} starts where ${expected} is due`);
    const open = state.blocks.findIndex((each) => each.open);
    if (open >= 0) state.problems.push(`content block ${show(index)} starts while ${open} is open`);
    const type = String(block?.type);
    if (type === "tool_use" && typeof block?.name !== "string") state.problems.push("a tool_use block has no name");
    const name = typeof block?.name === "string" ? { name: block.name } : {};
    state.blocks.push({ type, ...name, content: "", open: true });
  },

  content_block_delta(state, { index, delta }) {
    const block = openBlock(state, index, "content_block_delta");
    if (!block) return;
    const type = String(delta?.type);
    const allowed = deltasOf[block.type];
    if (allowed && !allowed.includes(type)) state.problems.push(`a ${type} in a ${block.type} block`);
    const part = delta?.text ?? delta?.partial_json ?? delta?.thinking;
    if (typeof part === "string") block.content += part;
  },

  content_block_stop(state, { index }) {
    const block = openBlock(state, index, "content_block_stop");
    if (!block) return;
    block.open = false;
    if (block.type === "tool_use" && block.content !== "" && parse(block.content) === undefined) {
      state.problems.push(`the tool's input is no JSON object: ${block.content.slice(0, 80)}`);
    }
  },

  message_delta(state, { delta }) {
    const open = state.blocks.findIndex((each) => each.open);
    if (open >= 0) state.problems.push(`message_delta comes while content block ${open} is open`);
    if (typeof delta?.stop_reason === "string") state.stopReason = delta.stop_reason;
  },

  message_stop(state) {
    state.stopped += 1;
  },
};

function openBlock(state: State, index: unknown, what: string): State["blocks"][number] | undefined {
  const block = typeof index === "number" ? state.blocks[index] : undefined;
  if (block?.open) return block;
  state.problems.push(`${what} for content block ${show(index)}, which is not open`);
  return undefined;
}

function finish({ problems, blocks, started, stopped, stopReason }: State): void {
  if (started === 0) problems.push("no message_start");
  for (const [index, block] of blocks.entries()) if (block.open) problems.push(`content block ${index} never stops`);
  if (stopReason === undefined) problems.push("no message_delta with a stop_reason");
  if (stopped === 0) problems.push("no message_stop");
  const called = blocks.some(({ type }) => type === "tool_use");
  if (stopReason !== undefined && called !== (stopReason === "tool_use") && stopReason !== "max_tokens") {
    problems.push(`stop_reason ${stopReason} ${called ? "with" : "without"} a tool_use block`);
  }
}

function parse(text: string): Data | undefined {
  try {
    const data = JSON.parse(text) as unknown;
    return typeof data === "object" && data !== null && !Array.isArray(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function show(index: unknown): string {
  return index === undefined ? "without index" : JSON.stringify(index);
}
