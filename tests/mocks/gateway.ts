/** Runs the gateway's program under mocks, in front of stacks whose outputs are given. */
import { type Options, type Project, type Run, freshIndex, runProgram, stackConfig } from "./program";

export const gateway: Project = {
  name: "vllm-gateway",
  folder: "gateway",
  localStack: "local/Pulumi.gateway.local.yaml",
};
export const modelKey = "key-of-the-model";
export const dev = "organization/vllm-inference/dev";

/** What an inference stack exports. */
export function inferenceOutputs(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    routeUrl: "https://vllm.apps.example.com",
    internalUrl: "http://vllm.vllm-inference.svc:8000",
    modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
    servedModelNames: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B-Instruct-AWQ"],
    maxModelLen: 32768,
    toolCallParser: "hermes",
    apiKey: modelKey,
    ...changes,
  };
}

export async function runGateway(
  keys: Record<string, unknown>,
  stacks: Record<string, Record<string, unknown>> = { [dev]: inferenceOutputs() },
  options: Partial<Options> & { stack?: string } = {},
): Promise<Run> {
  const { stack = "dev" } = options;
  const own = Object.entries(keys).map(([key, value]) => {
    return [`${gateway.name}:${key}`, typeof value === "string" ? value : JSON.stringify(value)] as const;
  });
  const config = { ...stackConfig(stack, gateway), ...Object.fromEntries(own) };
  const secretKeys = ["litellmAdminKey", "litellmClientKey"].map((key) => `${gateway.name}:${key}`);
  const program = (): Promise<object> => (freshIndex(gateway.folder) as () => Promise<object>)();
  return runProgram({ ...options, stack, config, secretKeys, project: gateway.name, stacks }, program);
}
