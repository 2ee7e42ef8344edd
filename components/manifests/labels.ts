import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedArgs } from "../args/resolve";

/** Annotation that says whose an object is: `<organization>/<project>/<stack>`. */
export const ownerAnnotation = "vllm-inference/stack";
/** Annotation that says which component of that stack made it: `<type>::<name>`, the end of its URN. */
export const componentAnnotation = "vllm-inference/component";
/** Stands for the component where it does not matter, because nothing that a component makes of it is deleted with it. */
export const anyComponent = "*";

/** Whose the objects of a component are. */
export interface Owner {
  /** `<organization>/<project>/<stack>` */
  stack: string;
  /** End of the component's URN. */
  component: pulumi.Input<string>;
}

/** For objects that are only looked at. */
export const nobody: Owner = { stack: "", component: "" };

export function ownerAnnotations({ stack, component }: Owner): Record<string, pulumi.Input<string>> {
  return { [ownerAnnotation]: stack, [componentAnnotation]: component };
}

/** A component by name, and where its objects lie. */
export type Placed = Pick<ResolvedArgs, "component" | "namespace">;

/** What every builder needs besides the arguments. */
export interface Context<Args extends Placed = ResolvedArgs> {
  args: Args;
  owner: Owner;
}

export interface Metadata {
  name: string;
  namespace?: string;
  labels: Record<string, string>;
  annotations: Record<string, pulumi.Input<string>>;
}

/** A Deployment's selector cannot be changed, so it is the one label that never will. */
export function selector(args: Placed): Record<string, string> {
  return { app: args.component };
}

export function labels(args: Placed): Record<string, string> {
  return {
    ...selector(args),
    "app.kubernetes.io/name": args.component,
    "app.kubernetes.io/component": args.component,
    "app.kubernetes.io/part-of": "vllm-inference",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Metadata of an object in the component's namespace. */
export function metadata(
  { args, owner }: Context<Placed>,
  name: string,
  annotations: Record<string, string> = {},
): Metadata {
  return {
    name,
    namespace: args.namespace,
    labels: labels(args),
    annotations: {
      ...ownerAnnotations(owner),
      // A field that another tool has changed is taken back instead of failing with a conflict.
      "pulumi.com/patchForce": "true",
      ...annotations,
    },
  };
}

/**
 * True as soon as the object exists: the readiness gate waits instead, with a diagnosis. Unlike skipAwait it leaves the
 * provider's wait for deletion as it is.
 * https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
 */
export const appliedIsEnough = { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" };
