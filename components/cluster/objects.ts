import type { ObjectMeta } from "kubernetes-types/meta/v1";

/** What the API server has filled in on every object that it gives out. */
type Filled = Required<Pick<ObjectMeta, "name" | "uid" | "creationTimestamp" | "resourceVersion">>;

/** A Kubernetes object as the API server answers with it, not as it is sent: its metadata and its spec are there. */
export type Live<T extends { metadata?: ObjectMeta; spec?: unknown }> = T & {
  metadata: ObjectMeta & Filled;
  spec: NonNullable<T["spec"]>;
};
