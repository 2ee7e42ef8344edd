export { clusterUid } from "./api";
export { clusterLayout, clusterName } from "./spec";
export { startCluster, type Cluster } from "./start";
export { clusterStatus, type ClusterStatus } from "./status";
export { stopCluster } from "./stop";
