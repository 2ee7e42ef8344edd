/** How the project's own commands are loaded. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(__dirname, "../../..");

describe("the loader of the project's commands", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "register-"));
    mkdirSync(path.join(folder, "node_modules"));
    for (const file of ["shared/register.cjs", "shared/inOneFile.cjs"])
      cpSync(path.join(root, file), path.join(folder, file));
    for (const name of ["@swc", "@kubernetes", "zod", "esbuild", "@esbuild"])
      symlinkSync(path.join(root, "node_modules", name), path.join(folder, "node_modules", name));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(source: string, project = "."): { stdout: string; stderr: string } {
    const cwd = path.join(folder, project);
    writeFileSync(path.join(cwd, "script.ts"), source);
    const args = ["-r", "./shared/register.cjs", "script.ts"];
    return spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  }

  it("runs a file as it is now, whatever is kept of it", () => {
    for (const said of ["one", "two", "one"])
      assert.equal(run(`const said: string = "${said}"; console.log(said);`).stdout, `${said}\n`);
  });

  it("makes anew what was kept and is empty, cut off, or cannot be read", () => {
    const source = 'import { z } from "zod"; console.log(z.string().parse("here"));';
    assert.equal(run(source).stdout, "here\n");
    const kept = path.join(folder, "node_modules/.cache/vllm-on-openshift");
    const files = readdirSync(kept).filter((name) => name.endsWith(".js"));
    assert.equal(files.length, 2);
    for (const share of [0, 0.5]) {
      for (const name of files)
        truncateSync(path.join(kept, name), Math.floor(share * statSync(path.join(kept, name)).size));
      const { stdout, stderr } = run(source);
      assert.equal(stdout, "here\n", stderr);
    }
    // A folder cannot be read as a file by anybody, root included.
    for (const name of files) {
      rmSync(path.join(kept, name));
      mkdirSync(path.join(kept, name));
    }
    const { stdout, stderr } = run(source);
    assert.equal(stdout, "here\n", stderr);
  });

  it("runs where nothing can be kept", () => {
    writeFileSync(path.join(folder, "node_modules/.cache"), "");
    const { stdout, stderr } = run('console.log("here" as string);');
    assert.equal(stdout, "here\n", stderr);
  });

  it("loads a package when it is first used", () => {
    const loaded = "Object.keys(require.cache).some((file) => /\\/zod[-/]/.test(file))";
    const { stdout, stderr } = run(
      `import { z } from "zod"; console.log(${loaded}); z.string(); console.log(${loaded});`,
    );
    assert.equal(stdout, "false\ntrue\n", stderr);
  });

  it("loads the cluster's client from one file, with what is used of it", () => {
    const names =
      "[new client.KubeConfig().loadFromFile, client.RequestContext].map((each) => typeof each), client.HttpMethod.GET";
    const files = "Object.keys(require.cache).filter((file) => file.includes('client-node')).length";
    const { stdout, stderr } = run(
      `void import("@kubernetes/client-node").then((client) => console.log(JSON.stringify([${names}, ${files}])));`,
    );
    assert.equal(stdout, '[["function","function"],"GET",1]\n', stderr);
  });

  it("makes that file anew once npm has installed something else", () => {
    const within = path.join(folder, "node_modules");
    rmSync(path.join(within, "zod"));
    mkdirSync(path.join(within, "zod"));
    writeFileSync(path.join(within, "zod/package.json"), `{ "version": "1.0.0" }`);
    const said = (version: string): string => {
      writeFileSync(path.join(within, "zod/index.js"), `exports.part = "${version}";`);
      writeFileSync(path.join(within, ".package-lock.json"), `{ "packages": { "part": "${version}" } }`);
      const { stdout, stderr } = run('import { part } from "zod"; console.log(part);');
      return stdout + stderr;
    };
    assert.equal(said("1"), "1\n");
    assert.equal(said("2"), "2\n");
  });

  it("leaves to a dependency what it loads itself", () => {
    const own = path.join(folder, "node_modules/dependency/node_modules/zod");
    mkdirSync(own, { recursive: true });
    writeFileSync(path.join(own, "index.js"), 'module.exports = "another version";');
    writeFileSync(path.join(own, "../../index.js"), 'module.exports = require("zod");');
    const { stdout, stderr } = run('import * as said from "dependency"; console.log(said.default);');
    assert.equal(stdout, "another version\n", stderr);
  });

  it("finds a package where npm has put it, beside the project in somebody's dependencies", () => {
    cpSync(path.join(folder, "shared"), path.join(folder, "node_modules/project/shared"), { recursive: true });
    const { stdout, stderr } = run(
      'import { z } from "zod"; console.log(z.string().parse("here"));',
      "node_modules/project",
    );
    assert.equal(stdout, "here\n", stderr);
  });

  it("names the line of the source where something throws", () => {
    const { stderr } = run('interface Gone {\n  one: string;\n}\n\nthrow new Error("here");\nexport type { Gone };\n');
    assert.match(stderr, /script\.ts:5/);
  });
});
