import type * as pulumi from "@pulumi/pulumi";
import { startupLimits } from "./args/limits";
import type { ResolvedArgs } from "./args/resolve";
import type { Placement } from "./cluster/placement";
import { ClusterProvider } from "./cluster/provider";
import { driftHook } from "./hooks/drift";
import { madeBy } from "./hooks/made";
import { ownershipHook } from "./hooks/ownership";
import { remedyHook } from "./hooks/remedy";
import { sameClusterHook } from "./hooks/sameCluster";
import { gateTarget, readinessHook } from "./readiness";
import type { Together } from "./readiness/together";
import { answerText, saysNothing, type VersionMemory } from "./versions";

/** What a component knows while its objects are written. */
export interface Running {
  component: pulumi.Resource;
  shape: ResolvedArgs;
  now: () => ResolvedArgs;
  placed: Placement;
  models: Together;
  versions: VersionMemory | undefined;
}

/** The hooks of a component's objects: of each, of the first ones, and of the last, which waits until the model serves. */
export function componentHooks(running: Running): Record<"each" | "first" | "last", pulumi.CustomResourceOptions> {
  const { component, shape, now, models } = running;
  const { provider, connection } = running.placed;
  const name = shape.component;
  const ownership = ownershipHook(`${name}-ownership`, connection, shape.adoptExisting, () => madeBy(now()));
  const remedy = remedyHook(
    `${name}-remedy`,
    () => ({ args: now(), connection }),
    component,
    () => models.end(),
  );
  const readiness = readinessHook(
    `${name}-readiness`,
    () => gateTarget(now()),
    startupLimits(shape),
    connection,
    models,
    async (ask, { write, warn }) => {
      if (!saysNothing(now())) return;
      const answer = await ask();
      running.versions?.hear(now().image, answer);
      const said = answerText(now(), answer);
      if (said?.isWarning) warn(said.text);
      else if (said) write(said.text, true);
    },
  );
  const drift = driftHook(`${name}-drift`, connection);
  const each = { beforeCreate: [ownership], beforeUpdate: [drift], onError: [remedy] };
  const same = provider instanceof ClusterProvider ? [] : [sameClusterHook(`${name}-same-cluster`, connection)];
  return {
    each: { hooks: each },
    first: { hooks: same.length > 0 ? { ...each, afterCreate: same } : each },
    last: { hooks: { beforeCreate: [ownership, readiness], beforeUpdate: [drift, readiness] } },
  };
}
