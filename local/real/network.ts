import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

/** The one network that the machine and the node share: a pair of virtual interfaces. All other addresses exist inside the node's network only. */
export interface NodeNetwork {
  /** The machine's interface; at most 15 characters. */
  readonly interface: string;
  /** Its address. */
  readonly host: string;
  /** The node's address, by which its kubelet and its router are reached. */
  readonly node: string;
}

/** What the interface of any clone's node is called, and its control group. */
export const nodeInterface = /^vllm[0-9a-f]+$/;

/** Inside the node's own network, so that every node can have the same. */
export const podCidr = "10.244.0.0/16";
export const serviceCidr = "10.96.0.0/12";
export const dnsService = "10.96.0.10";

/**
 * The network of a node, by its state folder, so that nodes of several clones differ: a /30 of 198.18.0.0/15, which RFC 2544 keeps for tests of
 * networks and nobody routes. What `taken` holds is passed over.
 */
export function chooseNetwork(stateDir: string, taken: readonly string[] = ownAddresses()): NodeNetwork {
  const digest = createHash("sha256").update(stateDir).digest();
  const blocks = 1 << 15;
  const first = digest.readUInt32BE(0) % blocks;
  for (let step = 0; step < blocks; step++) {
    const base = ((first + step) % blocks) * 4;
    const address = (last: number): string =>
      [198, 18 + (base >> 16), (base >> 8) & 255, (base & 255) + last].join(".");
    if ([0, 1, 2, 3].some((last) => taken.includes(address(last)))) continue;
    return { interface: `vllm${digest.toString("hex").slice(0, 10)}`, host: address(1), node: address(2) };
  }
  throw new Error("every network of 198.18.0.0/15 is taken");
}

/** The node's network, the same from its first start on: certificates and the stack's configuration name its address. */
export function nodeNetwork(realDir: string): NodeNetwork {
  const file = join(realDir, "network.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as NodeNetwork;
  const network = chooseNetwork(realDir);
  writeFileSync(file, JSON.stringify(network));
  return network;
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}
