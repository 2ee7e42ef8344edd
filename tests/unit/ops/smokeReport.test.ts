import assert from "node:assert/strict";
import { reportJson, resultText, summaryText } from "../../../ops/smoke/report";
import type { CheckResult } from "../../../ops/smoke/run";
import { one } from "./smokeRun";
import { type Fault, key, names } from "./smokeServer";

describe("the report of a smoke test", () => {
  it("shows what was sent and what came back, and no key", async () => {
    const repeat: Fault = ({ authorization }) => ({ status: 401, body: { error: `no such key: ${authorization}` } });
    const result = await one("chat", repeat, { key: "sk-the-secret-of-the-gateway" });
    const text = resultText(result);
    const json = JSON.stringify(reportJson({ url: "http://x", kind: "vllm", names, model: "Ping", key }, [result]));
    for (const shown of [text, json]) {
      assert.doesNotMatch(shown, /the-secret-of/);
      assert.match(shown, /no such key: Bearer …|no such key: Bearer \[api key\]/);
    }
    assert.match(
      text,
      /sent {5}curl -X POST 'http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions' -H "Authorization: Bearer \$KEY"/,
    );
    assert.match(text, /received 401 /);
    assert.match(text, /remedy {3}take the key from the stack's outputs/);
  });

  it("hides a key of any shape that the server repeats", async () => {
    const repeat: Fault = () => ({ status: 401, body: `key plain0123456789 is unknown` });
    const result = await one("chat", repeat, { key: "plain0123456789" });
    assert.equal(result.exchange?.received, "key [api key] is unknown");
  });

  it("counts", () => {
    const result = (outcome: CheckResult["outcome"], advice?: string): CheckResult => {
      return { name: "x", what: "x", outcome, seconds: 1, note: "x", ...(advice !== undefined && { advice }) };
    };
    const results = [result("passed"), result("passed", "hm"), result("failed"), result("skipped")];
    assert.equal(summaryText(results), "2 passed, 1 failed, 1 skipped, 1 with advice");
    assert.equal((reportJson({ url: "x", kind: "vllm", names, model: "x" }, results) as { ok: boolean }).ok, false);
  });
});
