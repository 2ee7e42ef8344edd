/** The deployment of the script that this program replaces. */
import path from "node:path";
import type { TestStack } from "../../harness/stack";

const objects = path.join(__dirname, "objects/oldDeployment.yaml");

/** Made as the script did, on a cluster that has the RuntimeClass it asks for; its handler is one that the simulated nodes have. */
export async function makeOldDeployment({
  cluster,
  namespace,
}: Pick<TestStack, "cluster" | "namespace">): Promise<void> {
  const metadata = { name: "nvidia" };
  const runtimeClass = { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata, handler: "runc" };
  await cluster.kubectlWithInput(JSON.stringify(runtimeClass), "apply", "-f", "-");
  await cluster.kubectl("create", "namespace", namespace);
  // The script's `oc` did not ask the API server to refuse fields that it does not know.
  await cluster.kubectl("-n", namespace, "apply", "--validate=false", "-f", objects);
}
