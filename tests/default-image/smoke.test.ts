/** What the smoke test says of the vLLM in the default image, which is older than the chain's. */
import assert from "node:assert/strict";
import { check, passes, vllmTarget, withChain } from "../chain/chain";

withChain("the smoke test of the default image's vLLM", (chain) => {
  const target = vllmTarget(chain);

  it("fails for the role `system` inside messages, and names the remedy", async () => {
    const { outcome, symptom } = await check(target, "inline-system");
    assert.deepEqual([outcome, symptom?.id], ["failed", "client-inline-system"]);
  });

  it("only advises where the stack has told that the role is kept out", async () => {
    const { advice } = await passes({ ...target, takesInlineSystem: false }, "inline-system");
    assert.match(advice ?? "", /^the image's vLLM is too old for the role `system` inside messages: /);
  });

  it("says that it cannot count tokens", async () => {
    const { advice } = await passes(target, "count-tokens");
    assert.match(advice ?? "", /^the image's vLLM is too old to count tokens: /);
  });
});
