/** What `register` sends, read by LiteLLM's own types: nothing is refused, nothing is lost and nothing is changed. */
import assert from "node:assert/strict";
import { execa } from "execa";
import { withChain } from "./chain";

const program = `
import json, sys
from litellm.types.router import Deployment, updateDeployment
payloads = json.load(sys.stdin)
print(json.dumps([
    {
        "new": Deployment(**each).model_dump(exclude_none=True),
        "update": updateDeployment(**each).model_dump(exclude_none=True),
    }
    for each in payloads
]))
`;

interface Entry {
  model_name: string;
  litellm_params: Record<string, unknown>;
  model_info: Record<string, unknown>;
}

withChain("LiteLLM's own types", ({ python, payloads }) => {
  it("take every payload of register, and keep each of its values", async () => {
    const { stdout } = await execa(python, ["-c", program], { input: JSON.stringify(payloads) });
    const line = stdout.trim().split("\n").at(-1) ?? "";
    const read = JSON.parse(line) as { new: Entry; update: Entry }[];
    assert.equal(read.length, payloads.length);
    for (const [index, payload] of payloads.entries()) {
      for (const kind of ["new", "update"] as const) {
        const entry = read[index]?.[kind];
        assert.ok(entry);
        assert.equal(entry.model_name, payload.model_name);
        assert.deepEqual(only(entry.litellm_params, payload.litellm_params), payload.litellm_params);
        assert.deepEqual(only(entry.model_info, payload.model_info), payload.model_info);
        // What it fills in by itself must not switch on what makes tool calls fail.
        assert.ok(!entry.litellm_params["drop_params"]);
      }
    }
  });
});

function only(from: Record<string, unknown>, keys: object): Record<string, unknown> {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, from[key]]));
}
