import assert from "node:assert/strict";
import { parse } from "yaml";
import { configFile, entry, keyVariable } from "../../../gateway/entries";
import { render } from "../../../gateway/render";
import { listOf, model } from "./models";

const apiKey = "a-key-that-must-not-be-seen";

describe("an entry for LiteLLM", () => {
  const [registration] = listOf(model());

  it("is the registration that is known to work with tool calls", () => {
    assert.deepEqual(entry(registration!, "hosted_vllm", apiKey), {
      model_name: "claude-sonnet-4-5-20250929",
      litellm_params: {
        model: "hosted_vllm/Qwen2.5-7B-Instruct-AWQ",
        api_base: "http://vllm.vllm-inference.svc:8000/v1",
        api_key: apiKey,
      },
      model_info: {
        id: registration!.id,
        mode: "chat",
        supports_function_calling: true,
        supports_tool_choice: true,
        supported_endpoints: ["/v1/chat/completions", "/v1/messages"],
        max_input_tokens: 28_672,
        max_output_tokens: 4_096,
        managed_by: "organization/vllm-gateway/test",
      },
    });
  });

  it("never drops parameters, neither in the entry nor in the config", () => {
    assert.ok(!configFile(listOf(model()), "hosted_vllm").includes("drop_params"));
  });

  it("speaks OpenAI's dialect where that is configured", () => {
    assert.equal(entry(registration!, "openai", apiKey).litellm_params.model, "openai/Qwen2.5-7B-Instruct-AWQ");
  });
});

describe("LiteLLM's config file", () => {
  it("names the environment's variables and holds no key", () => {
    const file = configFile(listOf(model()), "hosted_vllm");
    const { model_list, general_settings, litellm_settings } = parse(file) as {
      model_list: { litellm_params: { api_key: string } }[];
      general_settings: object;
      litellm_settings: object;
    };
    assert.equal(model_list[0]?.litellm_params.api_key, "os.environ/MODEL_KEY_ORGANIZATION_VLLM_INFERENCE_DEV");
    assert.deepEqual(general_settings, { master_key: "os.environ/LITELLM_MASTER_KEY" });
    assert.deepEqual(litellm_settings, { telemetry: false });
  });

  it("gives a server without an API key a word that stands for none", () => {
    assert.match(configFile(listOf(model({ hasApiKey: false })), "hosted_vllm"), /api_key: none/);
  });

  it("is rendered for checks with the environment that it needs", () => {
    const described = model();
    const rendered = render([{ ...described, apiKey }]);
    assert.deepEqual(rendered.environment, { [keyVariable(described.stack)]: apiKey });
    assert.equal(rendered.payloads[0]?.litellm_params.api_key, apiKey);
    assert.ok(!rendered.config.includes(apiKey));
  });
});
