import { problem, type Problem } from "../text/errors";

/** Whether a router takes this time: https://docs.openshift.com/container-platform/latest/networking/routes/route-configuration.html */
export function routeTimeoutProblems(routeTimeout: string): Problem[] {
  if (/^[1-9]\d*(us|ms|s|m|h|d)$/.test(routeTimeout)) return [];
  const rule = "be a whole number and a unit (us, ms, s, m, h or d)";
  return [problem("routeTimeout", routeTimeout, rule, "set a time such as 600s")];
}
