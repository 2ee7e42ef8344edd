import assert from "node:assert/strict";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installPlugins } from "../../../local/plugins/install";
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

  it("is made by several at once in one process, as the first command after a `git pull` does", async function () {
    const home = path.join(folder(), "home");
    await Promise.all([1, 2, 3].map(() => installPlugins(home)));
    assert.deepEqual(
      readdirSync(path.join(home, "stand-ins")).filter((name) => name.includes("partial")),
      [],
    );
    const tools = ["a", "b"].map((name) => path.join(folder(), name));
    for (const tool of tools) writeFileSync(tool, "");
    const own = path.join(folder(), "kubectl");
    await Promise.all([...tools, ...tools].map((tool) => link(tool, own)));
    assert.ok(tools.includes(readlinkSync(own)));
  });
});
