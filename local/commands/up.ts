import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { clusterUid, startCluster } from "../cluster";
import { defaultStateDir, repositoryRoot } from "../paths";
import { pulumiEnvironment } from "../pulumi/environment";
import { hasResources, prepareStack, stack } from "../pulumi/stack";
import { showMissingTools } from "../toolchain/show";

/** Starts the cluster and runs `pulumi up` on it. */
export async function up(options: { skipPreview?: boolean }): Promise<number> {
  const log = (line: string) => {
    process.stderr.write(`${line}\n`);
  };
  if (process.stderr.isTTY) await showMissingTools();
  const { kubeconfig } = await startCluster({ stateDir: defaultStateDir, log });
  const env = await pulumiEnvironment({ stateDir: defaultStateDir, kubeconfig });
  await prepareStack(defaultStateDir, env, log);
  const args = ["up", "--yes", "--stack", stack];
  if (options.skipPreview) args.push("--skip-preview");
  const uid = await clusterUid(kubeconfig);
  if (await isOtherCluster(uid)) {
    log("the cluster is a new one: what the stack's state says is in it is looked up again");
    args.push("--refresh");
  }
  const exitCode = await pulumi(args, env);
  if (exitCode === 0) {
    await writeFile(deployedOn, uid);
    log(nextSteps);
  }
  return exitCode;
}

const nextSteps = `
What to type next:
  eval "$(npm run -s local -- env)"     gives this shell the project's pulumi, kubectl and cluster; then for example
    kubectl get pods -A
    pulumi stack output
    pulumi preview --stack local
  npm run local -- status               what runs
  npm run local -- down                 stops everything`;

/** Which cluster the last `up` that went through was on. */
const deployedOn = join(defaultStateDir, "deployed-on");

/** True when the stack's state speaks of another cluster than this one: that one is gone, and its objects with it. */
async function isOtherCluster(uid: string): Promise<boolean> {
  const last = await readFile(deployedOn, "utf8").catch(() => undefined);
  return last !== uid && hasResources(defaultStateDir);
}

/** Runs `pulumi` on this terminal and gives its exit code. */
function pulumi(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, { cwd: repositoryRoot, env, stdio: "inherit" });
    // Ctrl-C in the terminal reaches pulumi by itself, which then ends in order; a second one would cut it off.
    const onTerminal = process.stdin.isTTY;
    process.on("SIGINT", () => onTerminal || child.kill("SIGINT"));
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]);
    });
  });
}
