import { join } from "node:path";
import { clusterLayout } from "../cluster/spec";

/** Where a real node keeps its files. The same paths hold inside its cell. */
export interface NodeLayout {
  /** Everything of the node; its name tells this node's processes from others'. */
  readonly dir: string;
  /** Configuration of its programs. */
  readonly etc: string;
  readonly logs: string;
  /** One disk image for each PersistentVolume, and where it is mounted. */
  readonly volumes: string;
  /** Written by the cell once its mounts are made. */
  readonly ready: string;
  /** The controllers that the root of the machine's control groups, version 2, gave away before this node. */
  readonly controllers: string;
  /** The machine's /etc/hosts and the hosts of all Routes: what the project's commands see in its place. */
  readonly hosts: string;
  /** Command line and log of the process beside the node. */
  readonly serverLog: string;
  /** Certificate of the authority that the router's certificate is from. */
  readonly routerCa: string;
  /** The same and all that the machine trusts, for programs that take one file. */
  readonly trusted: string;
}

export function nodeLayout(stateDir: string): NodeLayout {
  const dir = clusterLayout(stateDir).nodeDir;
  return {
    dir,
    etc: join(dir, "etc"),
    logs: join(dir, "logs"),
    volumes: join(dir, "volumes"),
    ready: join(dir, "cell-ready"),
    controllers: join(dir, "controllers"),
    hosts: join(dir, "hosts"),
    serverLog: join(dir, "logs", "server.log"),
    routerCa: join(dir, "etc", "router", "ca.crt"),
    trusted: join(dir, "etc", "router", "trusted.crt"),
  };
}
