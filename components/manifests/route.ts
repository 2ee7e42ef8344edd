import type { ObjectNames } from "../args/names";
import type { ResolvedArgs } from "../args/resolve";
import { type Context, type Metadata, type Placed, metadata } from "./labels";
import { httpPort } from "./server";

/** The fields of an OpenShift Route that are used here. https://docs.openshift.com/container-platform/latest/rest_api/network_apis/route-route-openshift-io-v1.html */
export interface RouteSpec {
  host?: string;
  path: string;
  to: { kind: "Service"; name: string; weight: number };
  port: { targetPort: string };
  tls: { termination: "edge"; insecureEdgeTerminationPolicy: "Redirect" };
  wildcardPolicy: "None";
}

export interface RouteStatus {
  ingress?: { host: string; conditions?: { type: string; status: string; reason?: string; message?: string }[] }[];
}

export interface RouteArgs {
  metadata: Metadata;
  spec: RouteSpec;
}

/** What a Route is made of. */
export type Routed = Placed &
  Pick<ResolvedArgs, "routeHost" | "routePath" | "routeTimeout"> & { names: Pick<ObjectNames, "route" | "service"> };

/**
 * The provider waits for the host alone, which OpenShift's API server generates while it creates the Route, so this wait is over at
 * once. The router's answer is the readiness gate's matter: were it waited for here, a silent router would hide a doomed pod.
 * https://github.com/openshift/library-go/blob/master/pkg/route/hostassignment/assignment.go
 */
export function route(context: Context<Routed>): RouteArgs {
  const { args } = context;
  return {
    metadata: metadata(context, args.names.route, {
      "haproxy.router.openshift.io/timeout": args.routeTimeout,
      "pulumi.com/waitFor": "jsonpath={.spec.host}",
    }),
    spec: {
      // Left out, it is generated; an empty one would be taken literally.
      ...(args.routeHost !== undefined && { host: args.routeHost }),
      path: args.routePath,
      to: { kind: "Service", name: args.names.service, weight: 100 },
      port: { targetPort: httpPort.name },
      tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" },
      wildcardPolicy: "None",
    },
  };
}
