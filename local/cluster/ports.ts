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

/** Free ports for one cluster, taken at random so that clusters started together seldom want the same. */
export async function freePorts(): Promise<ClusterPorts> {
  const chosen = new Set<number>();
  while (chosen.size < portNames.length) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!chosen.has(port) && (await isFree(port))) chosen.add(port);
  }
  const ports = [...chosen];
  return Object.fromEntries(portNames.map((name, index) => [name, ports[index]])) as unknown as ClusterPorts;
}
