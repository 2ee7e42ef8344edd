import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { ClusterClient } from "../components/clusterClient";
import { gatewayDefaults } from "../gateway/settings";
import type { OpsStack } from "./stack";

/** What the gateway's stack of the same name says of where it is. */
export interface GatewayPlace {
  mode: string;
  namespace: string;
  /** The cluster's context, where it is on one. */
  context?: string;
}

/** From the gateway's own stack file; undefined where there is none. */
export function gatewayPlace(stack: OpsStack): GatewayPlace | undefined {
  const file = path.join(stack.directory, "gateway", `Pulumi.${stack.name}.yaml`);
  if (!existsSync(file)) return undefined;
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const text = (key: string): string | undefined => {
    const value = config[`vllm-gateway:${key}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const context = text("kubeContext");
  return {
    mode: text("mode") ?? gatewayDefaults.mode,
    namespace: text("namespace") ?? gatewayDefaults.namespace,
    ...(context !== undefined && { context }),
  };
}

/** LiteLLM configurations in a namespace: every ConfigMap that holds a `model_list`. */
export async function gatewayConfigs(
  client: ClusterClient,
  namespace: string,
): Promise<{ name: string; text: string }[]> {
  const list = (await client.get(`/api/v1/namespaces/${namespace}/configmaps`))?.body as
    { items: { metadata: { name: string }; data?: Record<string, string> }[] } | undefined;
  return (list?.items ?? []).flatMap(({ metadata: { name }, data = {} }) => {
    const text = Object.values(data).find((value) => /^\s*"?model_list"?:/m.test(value));
    return text === undefined ? [] : [{ name, text }];
  });
}
