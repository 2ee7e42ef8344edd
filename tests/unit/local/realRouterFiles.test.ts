import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nodeLayout } from "../../../local/real/layout";
import { routerFiles } from "../../../local/real/programs";
import { prepareRouter } from "../../../local/real/router/certificate";
import { temporaryFolder } from "./temporary";

describe("the router's first configuration", () => {
  const folder = temporaryFolder();
  const network = { interface: "vllm0", host: "198.18.0.5", node: "198.18.0.6" };

  it("stays until the clone is moved, whose files it would not find", async () => {
    const before = path.join(folder(), "a b", ".local");
    const files = routerFiles(nodeLayout(before));
    mkdirSync(path.dirname(files.config), { recursive: true });
    // With these there is no certificate to be made.
    for (const file of [files.certificate, nodeLayout(before).routerCa]) writeFileSync(file, "");
    await prepareRouter(nodeLayout(before), 0, network);
    const first = readFileSync(files.config, "utf8");
    assert.ok(first.includes(`crt "${files.certificate}"`), first);
    writeFileSync(files.config, `${first}# with the Routes\n`);
    await prepareRouter(nodeLayout(before), 0, network);
    assert.match(readFileSync(files.config, "utf8"), /# with the Routes/);
    renameSync(path.join(folder(), "a b"), path.join(folder(), "moved"));
    const after = nodeLayout(path.join(folder(), "moved", ".local"));
    await prepareRouter(after, 0, network);
    const text = readFileSync(routerFiles(after).config, "utf8");
    assert.ok(text.includes(`crt "${routerFiles(after).certificate}"`), text);
    assert.ok(!text.includes("a b"), text);
  });
});
