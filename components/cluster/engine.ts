import * as pulumi from "@pulumi/pulumi";

interface Monitor {
  registerResourceHook?: unknown;
  getChannel?(): { getTarget(): string };
}

/** The connection to Pulumi's engine, or the mocks in its place; not of Pulumi's public types. */
function monitor(): Monitor | undefined {
  return (pulumi.runtime as unknown as { getMonitor(this: void): Monitor | undefined }).getMonitor();
}

/**
 * Hooks need Pulumi's engine. The mocks of a unit test have none: nobody waits there, and nothing is compared with a cluster.
 * https://www.pulumi.com/docs/iac/concepts/testing/unit/
 */
export function takesHooks(): boolean {
  return typeof monitor()?.registerResourceHook === "function";
}

/**
 * What tells this run of a program from others in the same process, as the Automation API has them: the engine's address, which is another one for
 * each run. The connection to it is not: the package in plugin/ has one for each component. Mocks have no address.
 */
export function thisProgram(): unknown {
  const engine = monitor();
  return engine?.getChannel?.().getTarget() ?? engine ?? pulumi;
}

const perProgram = new WeakMap<object, Map<() => unknown, unknown>>();

/** What `make` makes once for each program: by the engine's connection, which is another one for each that a test runs in this process. */
export function oncePerProgram<T>(make: () => T): T {
  const program = monitor() ?? pulumi;
  const made = perProgram.get(program) ?? new Map<() => unknown, unknown>();
  perProgram.set(program, made);
  if (!made.has(make)) made.set(make, make());
  return made.get(make) as T;
}

/** Whether the process ends with the program, which is then no function of another one (the Automation API). */
export function hasOwnProcess(): boolean {
  return /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run/.test(process.argv[1] ?? "");
}

/** The value of an output, once it is known, as a plain promise: whoever waits for that does not depend on what the output is of. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => void output.apply(resolve));
}
