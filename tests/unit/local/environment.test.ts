import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installPlugins } from "../../../local/plugins/install";
import { commandPath, plugins } from "../../../local/plugins/official";
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

  it("keeps an official plugin while it is there, whatever the shell's PULUMI_HOME is, and tells of a change of kind", async function () {
    const users = process.env["PULUMI_HOME"];
    const official = commandPath(path.join(folder(), "user's"), plugins.random);
    mkdirSync(path.dirname(official), { recursive: true });
    writeFileSync(official, "\x7fELF", { mode: 0o755 });
    const home = path.join(folder(), "own");
    const told: string[] = [];
    const install = async (pulumiHome: string): Promise<string> => {
      process.env["PULUMI_HOME"] = pulumiHome;
      await installPlugins(home, (line) => told.push(line));
      return readFileSync(commandPath(home, plugins.random), "utf8");
    };
    try {
      assert.match(await install(path.join(folder(), "user's")), /user'\\''s\/plugins\/resource-random/);
      assert.match(await install(home), /user'\\''s\/plugins\/resource-random/, "in a shell of `npm run local -- env`");
      assert.deepEqual(told, []);
      rmSync(official);
      assert.match(await install(home), /random\/main\.ts/);
      assert.deepEqual(told, [
        "Pulumi's plugin resource-random is this project's stand-in from now on; a stack that the other one wrote goes on unchanged",
      ]);
    } finally {
      if (users === undefined) delete process.env["PULUMI_HOME"];
      else process.env["PULUMI_HOME"] = users;
    }
  });

  it("is made by several at once in one process, as the first command after a `git pull` does", async function () {
    const home = path.join(folder(), "home");
    await Promise.all([1, 2, 3].map(() => installPlugins(home, assert.fail)));
    const left = readdirSync(home, { recursive: true }).filter((name) => String(name).includes("partial"));
    assert.deepEqual(left, []);
    const tools = ["a", "b"].map((name) => path.join(folder(), name));
    for (const tool of tools) writeFileSync(tool, "");
    const own = path.join(folder(), "kubectl");
    await Promise.all([...tools, ...tools].map((tool) => link(tool, own)));
    assert.ok(tools.includes(readlinkSync(own)));
  });
});
