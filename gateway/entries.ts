/** What LiteLLM is told: the same entry for its config file and for its admin API. Pure. */
import { stringify } from "yaml";
import type { Registration } from "./registration";

/** How LiteLLM speaks to vLLM. `openai` may take the Responses API for /v1/messages. */
export const providers = ["hosted_vllm", "openai"] as const;
export type Provider = (typeof providers)[number];

/** An entry of `model_list`, and the body of `POST /model/new`. https://docs.litellm.ai/docs/proxy/configs */
export interface Entry {
  model_name: string;
  litellm_params: { model: string; api_base: string; api_key: string };
  model_info: {
    id: string;
    mode: "chat";
    supports_function_calling: true;
    supports_tool_choice: true;
    supported_endpoints: string[];
    max_input_tokens: number;
    max_output_tokens: number;
    managed_by: string;
  };
}

/**
 * What vLLM answers itself. With /v1/messages among them LiteLLM hands Anthropic's messages on as they are; else it translates them to a
 * chat completion and back, and a forced tool call then comes behind an empty text block (seen with 1.108.7 and vLLM 0.32.0).
 */
const endpoints: readonly string[] = ["/v1/chat/completions", "/v1/messages"];

/** What a server without an API key is given: some providers insist on one. */
export const noKey = "none";

/** Never `drop_params`: it makes LiteLLM leave out `tools`, and tool calls come back as text. */
export function entry(registration: Registration, provider: Provider, apiKey: string | undefined): Entry {
  return {
    model_name: registration.alias,
    litellm_params: {
      model: `${provider}/${registration.servedName}`,
      api_base: `${registration.url}/v1`,
      api_key: apiKey ?? noKey,
    },
    model_info: {
      id: registration.id,
      mode: "chat",
      supports_function_calling: true,
      supports_tool_choice: true,
      supported_endpoints: [...endpoints],
      max_input_tokens: registration.maxInputTokens,
      max_output_tokens: registration.maxOutputTokens,
      managed_by: registration.owner,
    },
  };
}

/** Environment variable that carries a model's API key. */
export function keyVariable(ref: string): string {
  return `MODEL_KEY_${ref.replace(/[^A-Za-z0-9]/g, "_").toUpperCase()}`;
}

/** The config file, with no secret in it: LiteLLM reads keys from its environment. */
export function configFile(list: readonly Registration[], provider: Provider): string {
  const model_list = list.map((registration) => {
    const { hasApiKey, ref } = registration;
    return entry(registration, provider, hasApiKey ? `os.environ/${keyVariable(ref)}` : undefined);
  });
  return stringify(
    {
      model_list,
      litellm_settings: { telemetry: false },
      general_settings: { master_key: "os.environ/LITELLM_MASTER_KEY" },
    },
    { aliasDuplicateObjects: false, lineWidth: 0 },
  );
}
