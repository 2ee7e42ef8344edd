import assert from "node:assert/strict";
import { readlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { link } from "../../../local/pulumi/environment";
import { temporaryFolder } from "./temporary";

describe("the folder of tools that a state has", () => {
  const folder = temporaryFolder();

  it("keeps leading to the tool when the tool is found through that folder itself", async () => {
    const tool = path.join(folder(), "real");
    const own = path.join(folder(), "pulumi");
    writeFileSync(tool, "");
    await link(tool, own);
    await link(own, own);
    assert.equal(readlinkSync(own), tool);
  });
});
