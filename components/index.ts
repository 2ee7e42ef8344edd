/** The public API: what a program of one's own imports. */
export type { VllmInferenceArgs } from "./args/args";
export type { SharedNamespaceArgs } from "./args/sharedArgs";
export type { ClusterConnection } from "./cluster/connection";
export type { Cluster } from "./cluster/placement";
export { type ClusterProvider, createProvider } from "./cluster/provider";
export { outputsOf } from "./outputs";
export { SharedNamespace } from "./sharedNamespace";
export { VllmInference } from "./vllmInference";
