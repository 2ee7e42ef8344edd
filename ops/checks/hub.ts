import { symptom } from "../../components/symptoms";
import { hubHostsSentence } from "../../components/symptoms/hubHosts";
import { messageOf } from "../../shared/errors";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { runHelperPod } from "../helper/pod";
import { hubPod, hubVerdict } from "../helper/hubProbe";
import { Stopped } from "../terminal/interrupt";
import { rowCommand } from "../stack/stackCommands";
import { mainPod } from "../stack/observe";
import { progress } from "../terminal/progress";
import { type Answer, type Check, type Checked, fine } from "./check";

/** Whether the model can be downloaded from inside the cluster. */
export const hubChecks: readonly Check[] = [{ id: "hub", title: "Hub", deployed: false, simulated: true, run: hub }];

/** The image's first pull is the most of it, in seconds. */
const probeSeconds = 1800;

async function hub({ client, seen, stack, probe }: Checked): Promise<Answer> {
  if (stack.args.modelSource === "existing") return { skipped: "nothing is downloaded: modelSource is `existing`" };
  const pod = seen && mainPod(seen.snapshot);
  const downloader = pod?.containers?.find(({ name }) => name === stack.target.downloaderContainer);
  if (downloader?.terminated?.exitCode === 0) return fine("the last download went through");
  const how = `npm run ops -- doctor --probe --stack ${stack.name}`;
  if (!probe) return { skipped: `only a pod can tell: \`${how}\` asks from the cluster, without a GPU` };
  const shown = progress();
  try {
    const verdict = hubVerdict(await runHelperPod(client, { ...hubPod(stack, probeSeconds), stack }, shown.say));
    if (!verdict)
      return {
        skipped: "the pod was admitted, scheduled and removed; nothing ran in it, because this cluster is simulated",
      };
    if (verdict.reached) return fine(verdict.said);
    const row = symptom("downloader-network");
    const hosts = stack.args.hfEndpoint === undefined ? `; ${hubHostsSentence}` : "";
    return {
      severity: "error",
      evidence: verdict.said,
      mend: rowCommand(row, stack) ?? how,
      remedy: row.remedy + hosts,
    };
  } catch (error) {
    if (!(error instanceof OpsError) || error instanceof Stopped) throw error;
    if (error.exitCode === exitCodes.nothingDeployed) return { skipped: `no pod can ask: ${error.message}` };
    return { severity: "warning", evidence: `no pod could ask: ${messageOf(error)}`, mend: how };
  } finally {
    shown.end();
  }
}
