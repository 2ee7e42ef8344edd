/** A gateway's stack for one test, beside the stacks that it refers to. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { TestStack } from "../../harness/stack";

const project = "vllm-gateway";
const main = path.resolve(__dirname, "../../gateway");

/** The outputs of an inference stack with the default model. */
export const qwen = {
  routeUrl: "https://vllm-models.apps.local.test",
  internalUrl: "http://vllm.models.svc:8000",
  modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ",
  servedModelNames: ["Qwen/Qwen2.5-7B-Instruct-AWQ", "qwen"],
  maxModelLen: 32768,
  toolCallParser: "hermes",
};

/** A stack that has the outputs of an inference stack and nothing else: the gateway cannot tell the difference. */
export async function publishModel(outputs: Record<string, unknown>): Promise<TestStack> {
  const stack = await TestStack.create("model", { main: path.join(__dirname, "programs/model"), project: "model" });
  await publish(stack, outputs);
  return stack;
}

/** Replaces the outputs; none stands for a stack that was destroyed. */
export async function publish(stack: TestStack, outputs: Record<string, unknown>): Promise<void> {
  stack.env["MODEL_OUTPUTS"] = JSON.stringify(outputs);
  await stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
}

/** A stack of the gateway's program, with the configuration of its own project. */
export async function gatewayStack(
  namespace: string,
  beside: TestStack,
  config: Readonly<Record<string, unknown>>,
): Promise<TestStack> {
  const stack = await TestStack.create(namespace, { main, project, beside });
  const { kubeconfig, context } = stack.cluster;
  configureGateway(stack, { kubeContext: context, kubeconfig, namespace, ...config });
  return stack;
}

/** Replaces keys of the stack's plain configuration; `undefined` removes one. */
export function configureGateway(stack: TestStack, changes: Readonly<Record<string, unknown>>): void {
  const file = path.join(stack.directory, `Pulumi.${stack.name}.yaml`);
  const current = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> };
  const config: Record<string, unknown> = { ...current.config };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete config[`${project}:${key}`];
    else config[`${project}:${key}`] = value;
  }
  writeFileSync(file, stringify({ ...current, config }));
}
