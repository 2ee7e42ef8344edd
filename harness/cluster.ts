/** The control plane of the rings `cluster` and `long`: the one that `npm test` started, or one of this file's own when mocha runs it alone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa, type Result } from "execa";
import { startCluster, stopCluster } from "../local/cluster";
import { pulumiEnvironment } from "../local/pulumi/environment";
import { installSimulation } from "../local/simulation";

export interface TestCluster {
  readonly stateDir: string;
  readonly kubeconfig: string;
  readonly context: string;
  /** `kubectl` with this cluster's kubeconfig; throws with what it printed when it fails. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  readonly kubectlWithInput: (input: string, ...args: readonly string[]) => Promise<string>;
}

/** What is believable to a newcomer would only be waiting in a test. */
const noDelay = { pull: 0, download: 0, load: 0, terminate: 0 } as const;

/**
 * A control plane with no simulated delay; `stopTestCluster` takes it away with its folder.
 * @param gpus of its one node with some. @default what a machine has: 8
 */
export async function startTestCluster(log: (line: string) => void = console.log, gpus?: number): Promise<string> {
  const stateDir = mkdtempSync(path.join(tmpdir(), "vllm-cluster-"));
  try {
    const { kubeconfig } = await startCluster({ stateDir, log });
    await installSimulation(kubeconfig, noDelay);
    if (gpus !== undefined) await giveGpus(stateDir, gpus);
  } catch (error) {
    await stopTestCluster(stateDir);
    throw error;
  }
  return stateDir;
}

async function giveGpus(stateDir: string, gpus: number): Promise<void> {
  const room = { "nvidia.com/gpu": String(gpus), cpu: "1024", memory: "4096Gi" };
  const patch = JSON.stringify({ status: { capacity: room, allocatable: room } });
  const { kubectl } = await connectTo(stateDir);
  await kubectl("patch", "node", "gpu-worker-0", "--subresource=status", "--type=merge", "--patch", patch);
}

export async function stopTestCluster(stateDir: string): Promise<void> {
  await stopCluster(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
}

let cluster: Promise<TestCluster> | undefined;

export function testCluster(): Promise<TestCluster> {
  cluster ??= ownOrGiven().then(connectTo);
  return cluster;
}

/** A cluster of `startTestCluster`, for a test that others would disturb. */
export async function connectTo(stateDir: string): Promise<TestCluster> {
  const { kubeconfig, context } = await startCluster({ stateDir, log: () => undefined });
  const env = await pulumiEnvironment({ stateDir, kubeconfig });
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const options = { env, ...(input === undefined ? {} : { input }) };
    const { stdout }: Result = await execa("kubectl", ["--context", context, ...args], options);
    return String(stdout);
  };
  return {
    stateDir,
    kubeconfig,
    context,
    kubectl: (...args) => kubectl(args),
    kubectlWithInput: (input, ...args) => kubectl(args, input),
  };
}

async function ownOrGiven(): Promise<string> {
  if (process.env.TEST_STATE_DIR !== undefined) return process.env.TEST_STATE_DIR;
  const stateDir = await startTestCluster();
  after(() => stopTestCluster(stateDir));
  return stateDir;
}
