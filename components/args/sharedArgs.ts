import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/placement";

/** What a `SharedNamespace` is made from; the arguments are those of `VllmInference` by the same names. */
export interface SharedNamespaceArgs {
  cluster?: Cluster;
  namespace: string;
  /** @default true */
  createNamespace?: boolean;
  /** @default false */
  adoptExisting?: boolean;
  /** Whether the namespace stays when this component goes. @default false */
  keepNamespace?: boolean;
  /** Whether `destroy` refuses to delete the namespace. @default false */
  protectNamespace?: boolean;
  /** Read token that all models share, in the Secret `tokenSecret`. Secret. */
  hfToken?: pulumi.Input<string>;
}
