import type * as k8s from "@pulumi/kubernetes/types/input";
import type { ResolvedArgs } from "../args/resolve";
import { type Context, metadata, selector } from "./labels";
import { httpPort } from "./server";

/** Not awaited: the provider would wait for endpoints, which exist only when the model is loaded. */
export function service(context: Context): k8s.core.v1.Service {
  return {
    metadata: metadata(context, context.args.names.service, { "pulumi.com/skipAwait": "true" }),
    spec: {
      type: "ClusterIP",
      selector: selector(context.args),
      ports: [{ name: httpPort.name, port: httpPort.containerPort, targetPort: httpPort.name, protocol: "TCP" }],
    },
  };
}

export function internalUrl(args: ResolvedArgs): string {
  return `http://${args.names.service}.${args.namespace}.svc:${httpPort.containerPort}`;
}
