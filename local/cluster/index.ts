export { clusterUid } from "./api";
export { faultOf, faultText } from "./fault";
export { formerStateDir } from "./moved";
export { clusterLayout, isReal } from "./spec";
export { startCluster } from "./start";
export { clusterStatus } from "./status";
export { stopCluster } from "./stop";
