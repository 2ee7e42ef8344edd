/** Kubeconfigs with which a provider cannot do what it is asked. */
import type { TestStack } from "../../../harness/stack";

export const unreachable = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "nowhere", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "nobody", user: {} }],
  contexts: [{ name: "local", context: { cluster: "nowhere", user: "nobody" } }],
  "current-context": "local",
});

/** The cluster's kubeconfig as a service account that may do nothing sees it. */
export async function withoutRights(stack: TestStack): Promise<string> {
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl(...args);
  await kubectl("create", "serviceaccount", "nobody", "--namespace", stack.namespace);
  const token = await kubectl("create", "token", "nobody", "--namespace", stack.namespace);
  const view = await kubectl("config", "view", "--raw", "--minify", "--flatten", "--output", "json");
  const config = JSON.parse(view) as { clusters: { name: string }[] };
  return JSON.stringify({
    ...config,
    users: [{ name: "nobody", user: { token: token.trim() } }],
    contexts: [{ name: "nobody", context: { cluster: config.clusters[0]?.name, user: "nobody" } }],
    "current-context": "nobody",
  });
}
