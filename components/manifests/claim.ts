import type * as k8s from "@pulumi/kubernetes/types/input";
import { type Context, appliedIsEnough, metadata } from "./labels";

/** The claim that holds the model. A class that binds on first use waits for the pod, so nothing waits for the claim. */
export function claim(context: Context): k8s.core.v1.PersistentVolumeClaim {
  const { args } = context;
  return {
    metadata: metadata(context, args.names.claim, appliedIsEnough),
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: args.pvcSize } },
      ...(args.storageClassName !== undefined && { storageClassName: args.storageClassName }),
    },
  };
}
