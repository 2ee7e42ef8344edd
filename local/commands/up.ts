import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterUid, faultOf, faultText, isReal, startCluster } from "../cluster";
import { log } from "../log";
import { defaultStateDir, repositoryRoot } from "../paths";
import { obtainPlugins } from "../plugins/official";
import { pulumiEnvironment } from "../pulumi/environment";
import { pulumiRuns, runPulumi } from "../pulumi/run";
import { hasResources, inference, prepareStack, pulumiIn, stack, stackModel, stackNamespace } from "../pulumi/stack";
import { answers, startRealCluster } from "../real";
import { placesFor, preflight } from "./preflight";
import { missingTools, type ToolName } from "../toolchain";
import { showMissingTools } from "../toolchain/show";
import { exclusive } from "./exclusive";
import { deployGateway } from "./gateway";
import { look } from "./serving";

interface UpOptions {
  /** Show a preview first. */
  preview?: boolean;
  /** Replace the Deployment, though nothing about it has changed. */
  newPod?: boolean;
  /** Deploy the gateway too, once the model serves. */
  gateway?: boolean;
  /** A node that runs the pods, instead of a simulated one. */
  real?: boolean;
}

/** Starts the cluster and runs `pulumi up` on it. */
export async function up(options: UpOptions): Promise<number> {
  const missing = await missingTools();
  preflight(placesFor(missing));
  return exclusive(() => deploy(options, missing));
}

async function deploy(options: UpOptions, missing: readonly ToolName[]): Promise<number> {
  endOnInterrupt();
  if (process.stderr.isTTY) await showMissingTools(missing);
  const real = options.real === true || isReal(defaultStateDir);
  const cluster = real
    ? await startRealCluster(
        defaultStateDir,
        { modelId: await stackModel(), token: inference.madeUp?.value ?? "" },
        log,
      )
    : await startCluster({ stateDir: defaultStateDir, log });
  const { kubeconfig } = cluster;
  await obtainPlugins(log);
  const env = await pulumiEnvironment({ stateDir: defaultStateDir, kubeconfig });
  await prepareStack(defaultStateDir, env, log);
  if ("hfEndpoint" in cluster) {
    const set = ["config", "set", "--stack", stack, "--non-interactive", "hfEndpoint", cluster.hfEndpoint];
    await pulumiIn(env, inference)(set);
  }
  const args = ["up", "--yes", "--stack", stack, "--policy-pack", join(repositoryRoot, "policies")];
  if (!options.preview) args.push("--skip-preview"); // nobody is asked after it
  if (options.newPod) args.push("--replace", "**::vllm-deployment", "--target-dependents");
  const uid = await clusterUid(kubeconfig);
  const refresh = await isOtherCluster(uid);
  if (refresh) {
    log("the cluster is a new one: what the stack's state says is in it is looked up again");
    args.push("--refresh");
  }
  const fault = await faultOf(kubeconfig, await stackNamespace());
  if (fault !== undefined) log(faultText(fault));
  let exitCode = await runPulumi(defaultStateDir, args, env);
  if (exitCode === 0) exitCode = await untilServing(args, env, real);
  if (exitCode === 0 && options.gateway) exitCode = await deployGateway(env, { ...options, refresh, real });
  if (exitCode === 0) {
    await writeFile(deployedOn, uid);
    log(real ? realNextSteps : nextSteps);
  } else {
    log(nextStepsAfterFailure);
  }
  return exitCode;
}

/** For how long a pod that starts again is waited for, in milliseconds: as long as its startup probe lets it take. */
const patience = 750_000;

/** `pulumi up` waits for nothing where nothing has changed in the program: what somebody has done to the cluster since is found here, and taken back. */
async function untilServing(args: readonly string[], env: NodeJS.ProcessEnv, real: boolean): Promise<number> {
  let seen = await look(env);
  if (seen.changed.length > 0) {
    log(
      `\nChanged in the cluster since the last run, and taken back now:\n${seen.changed.map((line) => `  ${line}`).join("\n")}`,
    );
    const exitCode = await runPulumi(defaultStateDir, [...args, "--refresh"], env);
    if (exitCode !== 0) return exitCode;
    seen = await look(env);
  }
  // After a new start of a real node its pods start again, which `pulumi up` does not wait for.
  const namespace = await stackNamespace();
  const starts = async (): Promise<boolean> =>
    real && (seen.starting || (seen.trouble === undefined && !(await answers(defaultStateDir, namespace))));
  let waits = await starts();
  if (waits) log("the pod starts again; waiting until it serves");
  for (const deadline = Date.now() + patience; waits && Date.now() < deadline; waits = await starts()) {
    await sleep(1_000);
    seen = await look(env);
  }
  if (seen.trouble === undefined && !waits) return 0;
  log(`\nNothing has changed, but the model does not serve. ${seen.trouble ?? "Its Route does not answer."}`);
  return 1;
}

/** Wherever pulumi does not run, which ends in order by itself, Ctrl-C ends the command; what runs of the cluster stays, as after an `up`. */
function endOnInterrupt(): void {
  process.on("SIGINT", () => {
    if (pulumiRuns()) return;
    log("\nStopped. Parts of the cluster may run: `npm run local` goes on, `npm run local -- down` stops them.");
    process.exit(130);
  });
}

const nextSteps = `
Nodes, pods, volumes and Routes are SIMULATED: no model runs, and nothing answers at the URLs above.

What to type next:
  settings=$(npm run -s local -- env) && eval "$settings"
                                        gives this shell the project's pulumi, kubectl and cluster; then for example
    kubectl get pods -A
    pulumi stack output
    pulumi preview --stack local
  npm run local -- status               what runs
  npm run local -- down                 stops everything`;

const realNextSteps = `
What to type next:
  npm run -s local -- shell             a shell with the project's pulumi, kubectl and cluster, in which the Routes answer; then for example
    npm run -s ops -- smoke --stack local
    curl "$(pulumi stack output routeUrl)/v1/models" -H "Authorization: Bearer $(pulumi stack output apiKey --show-secrets)"
    kubectl -n vllm-inference logs deployment/vllm
  npm run local -- status               what runs
  npm run local -- down                 stops everything`;

const nextStepsAfterFailure = `
What to type next:
  npm run ops -- doctor --stack local   what is wrong, and what to do about it
  npm run local                         the same again: it goes on where it stopped
  npm run local -- down                 stops everything`;

/** Which cluster the last `up` that went through was on. */
const deployedOn = join(defaultStateDir, "deployed-on");

/** True when the stack's state speaks of another cluster than this one: that one is gone, and its objects with it. */
async function isOtherCluster(uid: string): Promise<boolean> {
  const last = await readFile(deployedOn, "utf8").catch(() => undefined);
  return last !== uid && hasResources(defaultStateDir);
}
