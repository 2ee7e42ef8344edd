import type { Model, Registration } from "../../../gateway/registration";
import { registrations } from "../../../gateway/registrations";

export const owner = "organization/vllm-gateway/test";

/** A model as the default inference stack offers it. */
export function model(changes: Partial<Model> = {}): Model {
  return {
    stack: "organization/vllm-inference/dev",
    model: "vllm",
    isOnly: true,
    path: "models[0]",
    modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
    servedModelNames: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B-Instruct-AWQ"],
    maxModelLen: 32768,
    toolCallParser: "hermes",
    url: "http://vllm.vllm-inference.svc:8000",
    hasApiKey: true,
    aliases: ["claude-sonnet-4-5-20250929"],
    ...changes,
  };
}

export function listOf(...models: readonly Model[]): Registration[] {
  return registrations(models, owner).registrations;
}
