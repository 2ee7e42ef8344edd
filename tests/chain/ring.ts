import type { SetUp } from "../ring";
import { startChain } from "./servers";
import { makeEnvironments, unsupported, type Which } from "./settings";

/** Starts the chain for a ring; on a machine that cannot run it, the tests say why they are skipped. */
export async function chainRing(which: Which, log: (line: string) => void): Promise<SetUp> {
  const reason = unsupported();
  if (reason !== undefined) return { env: { CHAIN_MISSING: reason }, tearDown: () => Promise.resolve() };
  const { chain, stop } = await startChain(await makeEnvironments(which), log);
  return { env: { CHAIN: JSON.stringify(chain) }, tearDown: stop };
}
