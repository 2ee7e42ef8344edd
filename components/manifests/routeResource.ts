import * as pulumi from "@pulumi/pulumi";
import type { RouteArgs, RouteSpec, RouteStatus } from "./route";

/** `k8s.apiextensions.CustomResource` shows no status to the program; this class does. */
export class Route extends pulumi.CustomResource {
  declare readonly metadata: pulumi.Output<{ uid: string }>;
  declare readonly spec: pulumi.Output<RouteSpec>;
  declare readonly status: pulumi.Output<RouteStatus | undefined>;

  constructor(name: string, args: RouteArgs, opts?: pulumi.CustomResourceOptions) {
    const properties = { apiVersion: "route.openshift.io/v1", kind: "Route", ...args, status: undefined };
    super("kubernetes:route.openshift.io/v1:Route", name, properties, opts);
  }
}
