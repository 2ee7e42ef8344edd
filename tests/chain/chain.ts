import assert from "node:assert/strict";
import type { Target } from "../../ops/smoke/check";
import { type CheckResult, runChecks } from "../../ops/smoke/run";
import type { Chain } from "./servers";

/** The chain that the ring has started; undefined where this machine cannot run it. */
export function startedChain(): Chain | undefined {
  const text = process.env["CHAIN"];
  return text ? (JSON.parse(text) as Chain) : undefined;
}

/** A group of tests that needs the chain: skipped, with the reason in its title, where there is none. */
export function withChain(title: string, define: (chain: Chain) => void): void {
  const chain = startedChain();
  if (chain) describe(title, () => define(chain));
  else
    describe.skip(`${title} (${process.env["CHAIN_MISSING"] ?? "run with `npm run test:chain`"})`, () =>
      it("is not tried"));
}

const context = 32_768;

export function vllmTarget({ vllm, served }: Chain): Target {
  return { ...vllm, kind: "vllm", names: served, model: served[1] ?? "", context };
}

export function gatewayTarget({ gateway }: Chain, model: string): Target {
  return { ...gateway, kind: "gateway", names: [model], model, context };
}

/** The result of one check of the smoke test. */
export async function check(target: Target, name: string): Promise<CheckResult> {
  const [result] = await runChecks(target, { only: [name], timeoutSeconds: 120 });
  assert.ok(result, name);
  return result;
}

/** One check, which must pass; a failure says what came back. */
export async function passes(target: Target, name: string): Promise<CheckResult> {
  const result = await check(target, name);
  assert.equal(result.outcome, "passed", `${result.note}\n${result.exchange?.received ?? ""}`);
  return result;
}
