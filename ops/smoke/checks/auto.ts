import { findSymptom, symptom } from "../../../components/symptoms";
import type { Check } from "../check";
import { CheckFailed } from "../http";
import { toolCallRequest } from "../toolCall";
import { anthropic, type Message, textIn } from "./messages";

/** What the model does when it is free to choose. */
export const autoChecks: readonly Check[] = [
  {
    name: "auto-tool",
    what: "a tool call of the model's own accord (tool_choice: auto; advisory)",
    needs: ["messages"],
    async run({ http, target }) {
      const sent = { ...toolCallRequest(target.model), tool_choice: { type: "auto" } };
      const { body, exchange } = await http.json<Message>("/v1/messages", sent, anthropic);
      if (body.content?.some(({ type, name }) => type === "tool_use" && name === "ping")) return { note: "ping" };
      const text = textIn(body);
      // A call that is written but not parsed is no weakness of the model.
      const row = findSymptom("client", { text });
      if (row) throw new CheckFailed("the call came back as text", exchange, text);
      const { title, remedy } = symptom("tool-calls-unreliable");
      return { note: "the model answered in words", advice: `${title}: ${remedy}` };
    },
  },
];
