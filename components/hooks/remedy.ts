import * as pulumi from "@pulumi/pulumi";
import { targetedText, thisStack } from "../cluster/commands";
import { failProgram } from "./ending";
import { claimRemedy } from "./claimChange";
import { isOneOfModels, ownSettings } from "../config/ownSettings";
import type { ClusterConnection } from "../cluster/connection";
import type { ResolvedArgs } from "../args/resolve";
import { rightsRemedy } from "./rights";
import { routeHostRemedy } from "./routeHost";

/** What the way out depends on. */
export interface RemedyContext {
  args: ResolvedArgs;
  connection: ClusterConnection;
  /** Whether the configuration names it among others. */
  isOneOfSeveral?: boolean;
}

/** Says the way out beside the provider's own error, at preview too. It never retries. */
export function remedyHook(
  name: string,
  context: () => RemedyContext,
  component: pulumi.Resource,
  failed: () => void = () => undefined,
): pulumi.ErrorHook {
  const stack = thisStack();
  return new pulumi.ErrorHook(name, async ({ type, errors }) => {
    failed();
    failProgram();
    const { args, connection } = context();
    const text = remedy(type, errors, { args, connection, isOneOfSeveral: isOneOfModels(args.component) });
    if (text !== undefined) await pulumi.log.error(targetedText(text, { stack }), component);
    return false;
  });
}

/** The way out of a failed operation on an object of this type, where there is one to name. */
export function remedy(
  type: string,
  errors: readonly string[],
  { args, connection, isOneOfSeveral = false }: RemedyContext,
): string | undefined {
  if (type === "kubernetes:core/v1:PersistentVolumeClaim") return claimRemedy(errors);
  const isRoute = type === "kubernetes:route.openshift.io/v1:Route";
  const text = isRoute ? routeHostRemedy(errors) : rightsRemedy(type, errors, args);
  if (text === undefined) return undefined;
  return targetedText(isOneOfSeveral ? ownSettings(text, args.component) : text, { connection });
}
