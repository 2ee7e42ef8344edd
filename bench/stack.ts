/** The bench's cluster and stacks: those of the tests, on a control plane of the bench's own with no simulated delay. */
import path from "node:path";
import { startTestCluster, stopTestCluster, testCluster, type TestCluster } from "../harness/cluster";
import type { TestStack } from "../harness/stack";

export const programs = path.join(__dirname, "programs");

/** All parts share one cluster, made for the first that needs one. */
export async function withCluster<T>(measure: (cluster: TestCluster) => Promise<T>): Promise<T> {
  process.env.TEST_STATE_DIR ??= await startTestCluster();
  return await measure(await testCluster());
}

export async function stopSharedCluster(): Promise<void> {
  if (process.env.TEST_STATE_DIR !== undefined) await stopTestCluster(process.env.TEST_STATE_DIR);
}

/** A command that must succeed: a failed run would be the fastest of all. */
export async function succeed(stack: TestStack, ...args: readonly string[]): Promise<void> {
  await stack.pulumi(...args);
}
