import { faultOf } from "../../local/cluster/fault";
import { isReal } from "../../local/cluster/spec";
import { defaultStateDir } from "../../local/paths";
import { isEmbedded, type OpsStack } from "./openStack";

export { endOfFault, faultText } from "../../local/cluster/fault";

/** True where pods, nodes and Routes are only played: on the embedded cluster without a real node. */
export const isSimulated = (stack: OpsStack): boolean => isEmbedded(stack) && !isReal(defaultStateDir);

/** The fault that the embedded cluster gives the stack's new pods; undefined where none is set, and on any other cluster. */
export async function faultSet(stack: OpsStack): Promise<string | undefined> {
  const { kubeconfig } = stack.connection;
  if (!isEmbedded(stack) || kubeconfig === undefined) return undefined;
  return faultOf(kubeconfig, stack.target.namespace);
}
