import type * as pulumi from "@pulumi/pulumi";
import { decisiveHook } from "../hooks/ending";
import { thisStack } from "../cluster/commands";
import type { ClusterConnection } from "../cluster/connection";
import { sharedClient } from "../cluster/client";
import { connectionTrouble } from "../cluster/trouble";
import type { Expected, GateLimits, GateTarget } from "./contract";
import { type Interruption, interruption, stoppedText } from "./interruption";
import { Progress, resourceLog } from "./progress";
import { report } from "./report";
import { onTerminal } from "./terminal";
import type { Together } from "./together";
import { askVersion, type VersionAnswer } from "./version";
import { watch } from "./watch";

/**
 * Before the published ConfigMap is written, waits until the model serves: the new pod Ready, the old one gone, the claim Bound, the
 * Route admitted. Fails as soon as the start-up cannot succeed.
 * @param onServing is called then, and may ask which vLLM serves
 */
export function readinessHook(
  hookName: string,
  targetOf: () => GateTarget,
  limits: GateLimits,
  connection: ClusterConnection,
  models: Together,
  onServing: (ask: () => Promise<VersionAnswer>, log: ReturnType<typeof resourceLog>) => Promise<void>,
): pulumi.ResourceHook {
  const stack = thisStack();
  return decisiveHook(hookName, async ({ newInputs, oldInputs, urn }) => {
    const target = targetOf();
    const expected = expectedFrom(newInputs);
    const { write, warn } = resourceLog(urn);
    const progress = new Progress(target, write, warn, onTerminal(), Date.now);
    const interrupted = interruption();
    models.set(target.component, "waiting");
    try {
      const client = await sharedClient(connection).catch((error: unknown) => {
        throw connectionTrouble(error, connection);
      });
      const { diagnosis, snapshot } = await interrupted.race(
        watch({
          client,
          target,
          expected,
          limits,
          onDiagnosis: (now, seen) => progress.show(now, seen),
          onLost: (reason, seconds) => progress.lost(reason, seconds),
          upSeconds: process.uptime(),
          now: Date.now,
          sleep: (ms) => interrupted.sleep(ms),
        }),
      );
      if (diagnosis.verdict.kind === "doomed")
        throw new Error(report(diagnosis, snapshot, target, { connection, stack, again: oldInputs !== undefined }));
      await interrupted.race(onServing(() => askVersion(client, target, snapshot), { write, warn }));
    } catch (error) {
      if (!isStopped(error)) await othersFirst(target.component, error, models, interrupted, { write, warn });
      throw error;
    } finally {
      interrupted.dispose();
    }
  });
}

/** Waits until every other model serves or has failed, and those that serve are told of. */
async function othersFirst(
  name: string,
  failure: unknown,
  models: Together,
  interrupted: Interruption,
  { write, warn }: ReturnType<typeof resourceLog>,
): Promise<void> {
  // Said at once: the others may load for a while yet.
  const [said = ""] = (failure instanceof Error ? failure.message : String(failure)).split("\n");
  if (models.areOthersOpen(name)) write(`${said} Waiting for the other models before \`up\` ends.`, true);
  try {
    await models.failed(name, (ms) => interrupted.sleep(ms));
  } catch (error) {
    if (isStopped(error)) return;
    warn(`the stack's outputs stay as they were: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isStopped(error: unknown): boolean {
  return error instanceof Error && error.message === stoppedText;
}

/** The write to the Deployment that the published ConfigMap stands for. */
function expectedFrom(inputs: Record<string, unknown> | undefined): Expected {
  const { deploymentUid, deploymentGeneration } = ((inputs ?? {}) as { data?: Record<string, unknown> }).data ?? {};
  const generation = Number(deploymentGeneration);
  if (typeof deploymentUid !== "string" || !Number.isInteger(generation)) {
    throw new Error("the published ConfigMap must carry deploymentUid and deploymentGeneration");
  }
  return { uid: deploymentUid, generation };
}
