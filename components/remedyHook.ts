import * as pulumi from "@pulumi/pulumi";
import { claimRemedy } from "./claimChange";
import type { GateTarget } from "./readiness";
import type { ResolvedArgs } from "./resolve";
import { rightsRemedy } from "./rights";
import { unseenRoute } from "./routeWait";

/** Says the way out beside the provider's own error, at preview too. It never retries. */
export function remedyHook(
  name: string,
  args: ResolvedArgs,
  target: GateTarget,
  component: pulumi.Resource,
): pulumi.ErrorHook {
  const remedy = (type: string, errors: readonly string[]): string | undefined => {
    if (type === "kubernetes:core/v1:PersistentVolumeClaim") return claimRemedy(errors);
    if (type === "kubernetes:route.openshift.io/v1:Route")
      return unseenRoute(errors, target, args.routeAdmissionTimeoutSeconds);
    return rightsRemedy(type, errors, args);
  };
  return new pulumi.ErrorHook(name, async ({ type, errors }) => {
    const text = remedy(type, errors);
    if (text !== undefined) await pulumi.log.error(text, component);
    return false;
  });
}
