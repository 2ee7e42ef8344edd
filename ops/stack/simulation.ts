import { faultOf } from "../../local/cluster/fault";
import { isEmbedded, type OpsStack } from "./openStack";

export { endOfFault, faultText } from "../../local/cluster/fault";

/** The fault that the embedded cluster plays on the stack's new pods; undefined where none is set, and on any other cluster. */
export async function simulatedFault(stack: OpsStack): Promise<string | undefined> {
  const { kubeconfig } = stack.connection;
  if (!isEmbedded(stack) || kubeconfig === undefined) return undefined;
  return faultOf(kubeconfig, stack.target.namespace);
}
