import type { ClusterClient } from "../components/clusterClient";

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
