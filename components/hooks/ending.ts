import * as pulumi from "@pulumi/pulumi";
import { hasOwnProcess } from "../cluster/engine";

/** With this code a program says that its user has been told why; the engine deletes nothing then. See cmd/run/index.ts of the SDK. */
const told = 32;

/**
 * Ends the program with an error once all of it has run. After an operation that has failed, the SDK goes on with unknown values (3.276; the
 * older ones end it themselves), and `up --continue-on-error` would take what stands behind that object for removed, and delete the old one.
 */
export function failProgram(): void {
  if (hasOwnProcess()) process.exitCode = told;
}

/** A hook whose failure ends the program. */
export function decisiveHook(name: string, callback: pulumi.ResourceHookFunction): pulumi.ResourceHook {
  return new pulumi.ResourceHook(name, async (args) => {
    try {
      await callback(args);
    } catch (error) {
      failProgram();
      throw error;
    }
  });
}

/** Ends the program when an operation has failed; it is never tried again. */
export function failureHook(name: string): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, () => {
    failProgram();
    return false;
  });
}
