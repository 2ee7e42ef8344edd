import { existsSync } from "node:fs";
import path from "node:path";
import type { ConfigMap } from "kubernetes-types/core/v1";
import type { Live } from "../../components/cluster/objects";
import type { ClusterClient } from "../../components/cluster/client";
import type { Admin } from "../../gateway/register/admin";
import { gatewayDefaults } from "../../gateway/settings";
import type { Skipped } from "./check";
import { OpsError } from "../terminal/exitCodes";
import { gatewayFolder } from "../stack/gatewayOutputs";
import { Stopped } from "../terminal/interrupt";
import { type OpsStack, readYaml } from "../stack/openStack";

/** Name of the gateway's Pulumi project. */
const project = "vllm-gateway";

/** What the gateway's stack of the same name says of where it is. */
export interface GatewayPlace {
  mode: string;
  project: string;
  stack: string;
  /** The stack's file, from the project's folder. */
  file: string;
  namespace: string;
  /** The cluster's context, where it is on one. */
  context?: string;
  /** URL of the LiteLLM that exists, where its entries are registered. */
  litellmUrl?: string;
}

/** From the gateway's own stack file; undefined where there is none. */
export function gatewayPlace(stack: OpsStack): GatewayPlace | undefined {
  const name = path.join("gateway", `Pulumi.${stack.name}.yaml`);
  const file = path.join(stack.directory, name);
  if (!existsSync(file)) return undefined;
  const { config } = readYaml(file) as { config?: Record<string, unknown> | null };
  const text = (key: string): string | undefined => {
    const value = config?.[`${project}:${key}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const context = text("kubeContext");
  const litellmUrl = text("litellmUrl");
  return {
    mode: text("mode") ?? gatewayDefaults.mode,
    project,
    stack: stack.name,
    file: name,
    namespace: text("namespace") ?? gatewayDefaults.namespace,
    ...(context !== undefined && { context }),
    ...(litellmUrl !== undefined && { litellmUrl }),
  };
}

/** The LiteLLM that exists, and the key that the stack has for it; or why there is none. */
export async function adminOf(stack: OpsStack, { litellmUrl, file }: GatewayPlace): Promise<Admin | Skipped> {
  if (litellmUrl === undefined) return { skipped: `${file} names no litellmUrl` };
  const folder = gatewayFolder(stack);
  try {
    const key = (await stack.pulumi("config", "get", "litellmAdminKey", "--cwd", folder)).trim();
    return { url: litellmUrl, adminKey: key };
  } catch (error) {
    if (!(error instanceof OpsError) || error instanceof Stopped) throw error;
    return { skipped: `its litellmAdminKey cannot be read: ${error.message}` };
  }
}

/** LiteLLM configurations in a namespace: every ConfigMap that holds a `model_list`. */
export async function gatewayConfigs(
  client: ClusterClient,
  namespace: string,
): Promise<{ name: string; text: string }[]> {
  const list = (await client.get(`/api/v1/namespaces/${namespace}/configmaps`))?.body as
    { items: Live<ConfigMap>[] } | undefined;
  return (list?.items ?? []).flatMap(({ metadata: { name }, data = {} }) => {
    const text = Object.values(data).find((value) => /^\s*"?model_list"?:/m.test(value));
    return text === undefined ? [] : [{ name, text }];
  });
}
