/** The bench's cluster and stacks: those of the tests, on a control plane of the bench's own with no simulated delay. */
import path from "node:path";
import { startTestCluster, stopTestCluster, testCluster, type TestCluster } from "../tests/cluster/cluster";
import type { TestStack } from "../tests/cluster/stack";

export const programs = path.join(__dirname, "programs");

export async function withCluster<T>(measure: (cluster: TestCluster) => Promise<T>): Promise<T> {
  const stateDir = await startTestCluster();
  process.env.TEST_STATE_DIR = stateDir;
  try {
    return await measure(await testCluster());
  } finally {
    await stopTestCluster(stateDir);
  }
}

/** A command that must succeed: a failed run would be the fastest of all. */
export async function succeed(stack: TestStack, ...args: readonly string[]): Promise<void> {
  await stack.pulumi(...args);
}
