/**
 * A simulated model server: no model, no GPU. It speaks as much of vLLM's HTTP API as the gateway's gate asks for, and always answers
 * the same. On the embedded cluster nothing runs in the pods, so this is what the gate asks there.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

export interface SimulatedModelOptions {
  /** Bearer token that requests must carry; unset accepts all. */
  apiKey?: string;
  /** Names it answers to; unset accepts all. */
  names?: readonly string[];
}

/** How it answers a request for a tool call. */
export type SimulatedAnswer =
  /** As a model with the right parser does. */
  | "tool-call"
  /** As one whose tool calls nobody parses. */
  | "raw-json"
  /** Not at all: 503, as a Route without a ready pod. */
  | "unavailable";

export interface SimulatedModel {
  url: string;
  /** Requests for tool calls so far. */
  asked: number;
  answer: SimulatedAnswer;
  /** How long it takes to answer a request for a tool call, in milliseconds. */
  delay: number;
  close(): Promise<void>;
}

export async function startSimulatedModel(options: SimulatedModelOptions = {}): Promise<SimulatedModel> {
  const model: SimulatedModel = { url: "", asked: 0, answer: "tool-call", delay: 0, close: () => Promise.resolve() };
  const server = createServer((request, response) => {
    handle(model, options, request, response).catch((error: unknown) => {
      send(response, 500, errorBody("InternalServerError", String(error)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  model.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  model.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return model;
}

async function handle(
  model: SimulatedModel,
  { apiKey, names }: SimulatedModelOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (request.method !== "POST" || request.url?.split("?")[0] !== "/v1/messages") {
    send(response, 404, { detail: "Not Found" });
    return;
  }
  if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
    send(response, 401, { error: "Unauthorized" });
    return;
  }
  const { model: name } = JSON.parse(body) as { model?: string };
  if (names !== undefined && !names.includes(name ?? "")) {
    send(response, 404, errorBody("NotFoundError", `The model \`${name}\` does not exist.`));
    return;
  }
  model.asked += 1;
  await setTimeout(model.delay);
  if (model.answer === "unavailable") send(response, 503, "The application is currently not serving requests.");
  else send(response, 200, message(name ?? "", model.answer));
}

function message(model: string, answer: "tool-call" | "raw-json"): object {
  const called = answer === "tool-call";
  const call = { type: "tool_use", id: "chatcmpl-tool-simulated", name: "ping", input: {} };
  const text = { type: "text", text: '<tool_call>\n{"name": "ping", "arguments": {}}\n</tool_call>' };
  return {
    id: "msg-simulated",
    type: "message",
    role: "assistant",
    model,
    content: [called ? call : text],
    stop_reason: called ? "tool_use" : "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

function errorBody(type: string, text: string): object {
  return { error: { message: text, type, param: null, code: 404 } };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: object | string): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response
    .writeHead(status, { "content-type": typeof body === "string" ? "text/plain" : "application/json" })
    .end(text);
}
