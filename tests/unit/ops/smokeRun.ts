/** The smoke test against the server of smokeServer.ts. */
import assert from "node:assert/strict";
import type { Target } from "../../../ops/smoke/check";
import { type CheckResult, runChecks } from "../../../ops/smoke/run";
import { type Fault, fakeServer, key, names } from "./smokeServer";

export type Options = Partial<Target> & { only?: string[]; timeoutSeconds?: number };

export async function smoke(fault?: Fault, options: Options = {}): Promise<CheckResult[]> {
  const server = await fakeServer(fault);
  const { only, timeoutSeconds = 5, ...rest } = options;
  const target: Target = { url: server.url, key, kind: "vllm", names, model: "Ping", context: 32_768, ...rest };
  try {
    return await runChecks(target, { timeoutSeconds, ...(only && { only }) });
  } finally {
    server.close();
  }
}

/** The one result of one check. */
export async function one(name: string, fault?: Fault, options: Options = {}): Promise<CheckResult> {
  const [result, ...more] = await smoke(fault, { ...options, only: [name] });
  assert.ok(result && more.length === 0);
  return result;
}
