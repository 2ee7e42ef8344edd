import * as pulumi from "@pulumi/pulumi";

interface Monitor {
  registerResourceHook?: unknown;
  getChannel?(): { getTarget(): string };
}

/** The connection to Pulumi's engine, or the mocks in its place; not of Pulumi's public types. */
export function monitor(): Monitor | undefined {
  return (pulumi.runtime as unknown as { getMonitor(this: void): Monitor | undefined }).getMonitor();
}

/**
 * Hooks need Pulumi's engine. The mocks of a unit test have none: nobody waits there, and nothing is compared with a cluster.
 * https://www.pulumi.com/docs/iac/concepts/testing/unit/
 */
export function takesHooks(): boolean {
  return typeof monitor()?.registerResourceHook === "function";
}
