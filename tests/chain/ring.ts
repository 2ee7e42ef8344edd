import type { SetUp } from "../ring";
import { startChain } from "./servers";
import { makeEnvironments, unsupported } from "./settings";

/** Starts the chain for the ring; on a machine that cannot run it, the tests say why they are skipped. */
export async function chainRing(log: (line: string) => void): Promise<SetUp> {
  const reason = unsupported();
  if (reason !== undefined) return { env: { CHAIN_MISSING: reason }, tearDown: () => Promise.resolve() };
  const { chain, stop } = await startChain(await makeEnvironments(process.env["CHAIN_ALL"] !== undefined), log);
  return { env: { CHAIN: JSON.stringify(chain) }, tearDown: stop };
}
