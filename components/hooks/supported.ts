import * as pulumi from "@pulumi/pulumi";

/**
 * Hooks need Pulumi's engine. The mocks of a unit test have none: nobody waits there, and nothing is compared with a cluster.
 * https://www.pulumi.com/docs/iac/concepts/testing/unit/
 */
export function takesHooks(): boolean {
  const { getMonitor } = pulumi.runtime as unknown as {
    getMonitor(this: void): { registerResourceHook?: unknown } | undefined;
  };
  return typeof getMonitor()?.registerResourceHook === "function";
}
