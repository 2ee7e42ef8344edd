import type { ResolvedArgs } from "./resolve";

/** For how long each phase of the start-up is only slow, in seconds. Afterwards `up` gives up. */
export interface GateLimits {
  scheduleSeconds: number;
  /** How long the old pod may take to stop. */
  replaceSeconds: number;
  pullSeconds: number;
  downloadSeconds: number;
  loadSeconds: number;
  routeSeconds: number;
  /** For how long a pod may fit no node while no help is on its way. */
  unschedulableSeconds: number;
}

/** The startup probe decides how long the model may load; one period and time-out more until the kubelet has acted. */
export function loadSeconds({ startupProbe: startup, readinessProbe: readiness }: ResolvedArgs): number {
  const untilStarted = startup.initialDelaySeconds + startup.periodSeconds * startup.failureThreshold;
  return (
    untilStarted +
    startup.periodSeconds +
    startup.timeoutSeconds +
    readiness.initialDelaySeconds +
    readiness.periodSeconds
  );
}

export function startupLimits(args: ResolvedArgs): GateLimits {
  return {
    scheduleSeconds: args.schedulingTimeoutSeconds,
    // A pod that uses up its grace period is only slow.
    replaceSeconds: args.terminationGracePeriodSeconds + args.schedulingTimeoutSeconds,
    pullSeconds: args.imagePullTimeoutSeconds,
    downloadSeconds: args.downloadTimeoutSeconds,
    loadSeconds: loadSeconds(args),
    routeSeconds: args.routeAdmissionTimeoutSeconds,
    unschedulableSeconds: args.unschedulableTimeoutSeconds,
  };
}
