export type { GateLimits, GateTarget } from "./contract";
export { readinessHook } from "./hook";
export { gateTarget } from "./target";
export type { VersionAnswer } from "./version";
