/** What @pulumi/policy exports, but leaves out of its type declarations (1.21.0). */
import * as policy from "@pulumi/policy";

interface Proxy {
  /** Thrown on touching a property that a preview cannot know. */
  readonly UnknownValueError: new (...rest: never[]) => Error;
  /** Wraps properties as the engine does before it hands them to a policy. */
  readonly unknownCheckingProxy: <T extends object>(properties: T) => T;
}

export const { UnknownValueError, unknownCheckingProxy } = policy as unknown as Proxy;
