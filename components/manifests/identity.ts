import type * as k8s from "@pulumi/kubernetes/types/input";
import type { ResolvedArgs } from "../args/resolve";
import { type Context, type Placed, anyComponent, labels, metadata, ownerAnnotations } from "./labels";

const rbac = "rbac.authorization.k8s.io";

/** @param keep whether it stays when its component goes, so that it does not matter which component that is */
export function namespace({ args, owner }: Context<Placed>, keep = false): k8s.core.v1.Namespace {
  const whose = keep ? { ...owner, component: anyComponent } : owner;
  return {
    metadata: {
      name: args.namespace,
      labels: {
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/part-of": labels(args)["app.kubernetes.io/part-of"]!,
      },
      annotations: { ...ownerAnnotations(whose), "pulumi.com/patchForce": "true" },
    },
  };
}

export function serviceAccount(context: Context): k8s.core.v1.ServiceAccount {
  // Nothing in the pod asks the API server anything.
  return { metadata: metadata(context, context.args.names.serviceAccount), automountServiceAccountToken: false };
}

/** Whether this program makes the grant of the SCC. */
export function grantsScc(args: ResolvedArgs): boolean {
  return args.securityMode === "anyuid" && args.grantScc;
}

export function sccRole(context: Context): k8s.rbac.v1.Role {
  return {
    metadata: metadata(context, context.args.names.sccGrant),
    rules: [
      {
        apiGroups: ["security.openshift.io"],
        resources: ["securitycontextconstraints"],
        resourceNames: ["anyuid"],
        verbs: ["use"],
      },
    ],
  };
}

export function sccRoleBinding(context: Context): k8s.rbac.v1.RoleBinding {
  const { names, namespace: ns } = context.args;
  return {
    metadata: metadata(context, names.sccGrant),
    roleRef: { apiGroup: rbac, kind: "Role", name: names.sccGrant },
    subjects: [{ kind: "ServiceAccount", name: names.serviceAccount, namespace: ns }],
  };
}
