import { existsSync } from "node:fs";
import { clusterLayout, clusterStatus } from "../cluster";
import { UsageError, UserError } from "../../shared/errors";
import { defaultStateDir } from "../paths";
import { stackNamespace } from "../pulumi/stack";
import type * as Simulation from "../simulation";
import { faults } from "../simulation/faults";

/** Has the next pods of the deployment fail in a way that the embedded cluster can simulate; `none` ends that. */
export async function fault(name: string | undefined): Promise<number> {
  const names = ["none", ...Object.keys(faults).sort()];
  if (name === undefined) {
    console.log(names.join("\n"));
    return 0;
  }
  if (!names.includes(name)) {
    throw new UsageError(
      `'fault' (${name}) must be one that the cluster can simulate; set one of ${names.join(", ")}.`,
    );
  }
  const { kubeconfig } = clusterLayout(defaultStateDir);
  if (!existsSync(kubeconfig)) throw new UserError("There is no cluster yet. Run `npm run local` first.");
  const { ready, reason } = await clusterStatus(defaultStateDir);
  if (!ready) throw new UserError(`The cluster is not ready: ${reason ?? "unknown"}. Run \`npm run local\` first.`);
  // Loaded only here, as the other commands do without the Kubernetes client; ts-node knows TypeScript files only through `require`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { simulate } = require("../simulation") as typeof Simulation;
  const namespace = await stackNamespace();
  await simulate(kubeconfig, namespace, { fault: name === "none" ? undefined : name });
  console.log(
    name === "none"
      ? `New pods in namespace ${namespace} start as usual again. Next: npm run local`
      : `New pods in namespace ${namespace} meet the fault '${name}'. To have one made: npm run local -- up --new-pod`,
  );
  return 0;
}
