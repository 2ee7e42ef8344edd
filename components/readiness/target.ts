import { downloaderContainer, serverContainer } from "../args/names";
import type { ResolvedArgs } from "../args/resolve";
import type { GateTarget } from "./contract";

/** What the gate watches of a component with these arguments. */
export function gateTarget({
  component,
  namespace,
  names,
  claimName,
  routeEnabled,
  securityMode,
}: ResolvedArgs): GateTarget {
  return {
    component,
    namespace,
    deployment: names.deployment,
    claim: claimName,
    ...(routeEnabled && { route: names.route }),
    downloaderContainer,
    serverContainer,
    securityMode,
  };
}
