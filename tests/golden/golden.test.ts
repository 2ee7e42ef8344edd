import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { goldenFile, stacks } from "./files";
import { render } from "./update";

describe("golden manifests", function () {
  for (const stack of stacks) {
    it(`of stack ${stack} are what the program makes`, async () => {
      assert.equal(await render(stack), readFileSync(goldenFile(stack), "utf8"), "run `npm run golden -- update`");
    });
  }
});
