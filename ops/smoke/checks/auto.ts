import { findSymptom, symptom } from "../../../components/symptoms";
import type { Check, Finding } from "../check";
import { CheckFailed, type Exchange } from "../http";
import { toolCallRequest } from "../../../gateway/toolCall";
import { anthropic, type Message, streamed, textIn } from "./messages";

/** What the model does when it is free to choose. */
export const autoChecks: readonly Check[] = [
  {
    name: "auto-tool",
    what: "a tool call of the model's own accord (tool_choice: auto; advisory)",
    needs: ["messages"],
    async run({ http, target }) {
      const { body, exchange } = await http.json<Message>("/v1/messages", request(target.model), anthropic);
      const call = body.content?.find(({ type }) => type === "tool_use");
      return judged(call?.name, textIn(body), exchange);
    },
  },
  {
    name: "auto-tool-stream",
    what: "the same, streamed, which is how Claude Code asks (advisory)",
    needs: ["auto-tool"],
    async run(context) {
      const { blocks, exchange, note } = await streamed(context, request(context.target.model));
      const text = blocks.filter(({ type }) => type === "text").map(({ content }) => content);
      const call = blocks.find(({ type }) => type === "tool_use");
      return { ...judged(call?.name, text.join(""), exchange), ...(call && { note }) };
    },
  },
];

function request(model: string): object {
  return { ...toolCallRequest(model), tool_choice: { type: "auto" } };
}

function judged(called: unknown, text: string, exchange: Exchange): Finding {
  if (called === "ping") return { note: "ping" };
  if (called !== undefined) throw new CheckFailed(`called ${JSON.stringify(called)} instead of ping`, exchange);
  // A call that is written but not parsed is no weakness of the model.
  if (findSymptom("client", { text })) throw new CheckFailed("the call came back as text", exchange, text);
  const { title, remedy } = symptom("tool-calls-unreliable");
  return { note: "the model answered in words", advice: `${title}: ${remedy}` };
}
