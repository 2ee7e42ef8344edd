/** The bench's cluster and stacks: those of the tests, on a control plane of the bench's own with no simulated delay. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCluster, stopCluster } from "../local/cluster";
import { installSimulation } from "../local/simulation";
import { TestStack } from "../tests/cluster/stack";
import { testCluster, type TestCluster } from "../tests/cluster/cluster";

export const programs = path.join(__dirname, "programs");

export const noDelay = { pull: 0, download: 0, load: 0, terminate: 0 } as const;

export async function withCluster<T>(measure: (cluster: TestCluster) => Promise<T>): Promise<T> {
  const stateDir = mkdtempSync(path.join(tmpdir(), "vllm-bench-"));
  process.env.TEST_STATE_DIR = stateDir;
  try {
    const { kubeconfig } = await startCluster({ stateDir, log: () => undefined });
    await installSimulation(kubeconfig, noDelay);
    return await measure(await testCluster());
  } finally {
    await stopCluster(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** A command that must succeed: a failed run would be the fastest of all. */
export async function succeed(stack: TestStack, ...args: readonly string[]): Promise<void> {
  await stack.pulumi(...args);
}
