/** What a real server says at `/version`, by which an image is known whose name tells nothing. */
import assert from "node:assert/strict";
import { lineOfVersion } from "../../components/images/lineOf";
import { imageLines } from "../../components/images/lines";
import { withChain } from "./chain";

withChain("which vLLM each server says that it is", ({ lines }) => {
  for (const { version, ways } of lines)
    it(`${version}, to whoever asks without the key`, async () => {
      const response = await fetch(`${ways.direct.url}/version`);
      assert.equal(response.status, 200);
      const { version: said } = (await response.json()) as { version: string };
      // The builds for CPU may add to the number, as Red Hat's do.
      assert.equal(said.split("+")[0], version);
      assert.equal(lineOfVersion(said)?.name, imageLines.find(({ vllm }) => vllm === version)?.name);
    });
});
