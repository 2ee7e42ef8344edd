import * as core from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterProvider } from "./cluster/provider";
import { driftHook } from "./hooks/drift";
import { hold } from "./hooks/holdings";
import * as manifests from "./manifests";
import { ownerOf, ownershipHook } from "./hooks/ownership";

/** What a `SharedNamespace` is made from; the arguments are those of `VllmInference` by the same names. */
export interface SharedNamespaceArgs {
  cluster: ClusterProvider;
  namespace: string;
  /** @default false */
  adoptExisting?: boolean;
  /** Whether the namespace stays when this component goes. @default false */
  keepNamespace?: boolean;
  /** Whether `destroy` refuses to delete the namespace. @default false */
  protectNamespace?: boolean;
}

/**
 * The namespace of several models, made once beside them: taking any of them away leaves it. Named as the `VllmInference` that has
 * made the namespace so far, it goes on with it.
 */
export class SharedNamespace extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: SharedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vllm-inference:index:SharedNamespace", name, {}, opts);
    const { cluster, namespace, adoptExisting = false, keepNamespace = false, protectNamespace = false } = args;
    const { connection } = cluster;
    const found = hold({
      type: "SharedNamespace",
      name,
      parent: opts?.parent,
      connection,
      holdings: [{ kind: "Namespace", name: namespace, how: "shares" }],
    });
    if (found.length > 0) throw new pulumi.ResourceError(found.join("\n"), this, true);
    const context = { args: { component: name, namespace }, owner: ownerOf(this) };
    const made = new core.Namespace(`${name}-namespace`, manifests.namespace(context, keepNamespace), {
      parent: this,
      provider: cluster,
      aliases: [{ parent: pulumi.createUrn(name, "vllm-inference:index:VllmInference", opts?.parent) }],
      protect: protectNamespace,
      retainOnDelete: keepNamespace,
      deleteBeforeReplace: true,
      hooks: {
        beforeCreate: [ownershipHook(`${name}-shared-ownership`, connection, adoptExisting)],
        beforeUpdate: [driftHook(`${name}-shared-drift`, connection)],
      },
    });
    this.namespace = made.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
