export type { GateLimits, GateTarget } from "./contract";
export { readinessHook } from "./hook";
export { gateTarget } from "./target";
