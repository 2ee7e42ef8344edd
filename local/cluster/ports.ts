import { createServer } from "node:net";
import { portNames, type ClusterPorts } from "./spec";

// Below the ports that Linux (32768) and macOS (49152) give to outgoing connections, which would take one at any moment.
const [lowest, highest] = [20_000, 32_000];

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

const given = new Set<number>();

/** A free port that this process was not given before, taken at random so that what is started together seldom wants the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** Those of one cluster. */
export async function freePorts(): Promise<ClusterPorts> {
  const ports: [string, number][] = [];
  for (const name of portNames) ports.push([name, await freePort()]);
  return Object.fromEntries(ports) as unknown as ClusterPorts;
}
