import type { Symptom } from "./symptom";

/** What is seen only once the server runs. */
export const operationSymptoms: readonly Symptom[] = [
  {
    id: "model-name-is-path",
    title: "the model's name is its path",
    sees: "`/v1/models` returns a local path",
    area: "client",
    patterns: [/"id":\s*"\/[^"]+"/],
    remedy: "the server needs `--served-model-name` with the model id: remove what overrides it",
    doom: "never",
    example: '{"data":[{"id": "/models-cache/Qwen/Qwen2.5-7B-Instruct-AWQ"}]}',
  },
  {
    id: "route-answers-503",
    title: "no ready pod stands behind the Route",
    sees: "Route answers 503",
    area: "client",
    patterns: [/\b503\b|application is not available/i],
    remedy: "the pod is not ready: see its phase and its log",
    doom: "never",
    example: "HTTP/1.1 503 Service Unavailable",
  },
  {
    id: "wrong-tool-parser",
    title: "the tool-call parser is not the model's",
    sees: "model invents XML tags instead of tool calls",
    area: "client",
    patterns: [/<\/?(tool_calls?|function_calls?|tools?|invoke|function)\b|\[TOOL_CALLS\]|<\|python_tag\|>/i],
    remedy: "set `toolCallParser` to the model's parser",
    doom: "never",
    example: "<tool_call>{}</tool_call>",
  },
  {
    id: "tool-calls-unreliable",
    title: "a small model calls tools only sometimes",
    sees: "tool calls only sometimes with `tool_choice: auto`",
    area: "client",
    patterns: [],
    remedy: "a 7B model's limit: `any` / `required` is reliable, a 32B model much better",
    doom: "never",
  },
  {
    id: "tool-calls-as-text",
    title: "the gateway drops the tools",
    sees: "tool calls come back as raw JSON text",
    area: "client",
    patterns: [/^\s*(```(json)?\s*)?\[?\s*\{\s*"(name|function|arguments|parameters)"/i],
    remedy: "LiteLLM's registration must not set `drop_params` and must set `supports_function_calling: true`",
    doom: "never",
    example: '{"name": "ping", "arguments": {}}',
  },
];
