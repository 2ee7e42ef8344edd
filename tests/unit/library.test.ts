/** What another team's program gets from `npm pack`: the page's own examples, against the package and nothing else of this repository. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { repositoryRoot as root } from "../../local/paths";

const modules = path.join(root, "node_modules");
const examples = [...readFileSync(path.join(root, "docs/library.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(
  ([, text = ""]) => text,
);

describe("the package, in a program of somebody else", function () {
  let folder: string;
  const bin = (name: string, ...args: string[]) =>
    execa(path.join(modules, ".bin", name), args, { cwd: folder, all: true, reject: false });

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm-library-"));
    const source = path.join(folder, "source");
    for (const name of ["components", "package.json", "tsconfig.json", "tsconfig.build.json"])
      cpSync(path.join(root, name), path.join(source, name), { recursive: true });
    symlinkSync(modules, path.join(source, "node_modules"));
    await execa("npm", ["pack", "--pack-destination", folder], { cwd: source });
    const [archive = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    const own = path.join(folder, "node_modules");
    const target = path.join(own, "vllm-on-openshift");
    mkdirSync(target, { recursive: true });
    await execa("tar", ["-xzf", path.join(folder, archive), "--strip-components=1", "-C", target]);
    rmSync(source, { recursive: true });
    for (const name of readdirSync(modules))
      if (!name.startsWith(".")) symlinkSync(path.join(modules, name), path.join(own, name));
    writeFileSync(path.join(folder, "package.json"), "{}");
    const [program = "", other = "", test = ""] = examples;
    writeFileSync(
      path.join(folder, "program.ts"),
      `import * as pulumi from "@pulumi/pulumi";\n${program}declare const mine: pulumi.ProviderResource;\nconst args = { namespace: "other" };\nif (mine) ${other}`,
    );
    writeFileSync(path.join(folder, "vllm.test.ts"), test);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  // The second is what `pulumi new` writes; both are older than what the package is written in.
  for (const [module, moduleResolution] of [
    ["node16", "node16"],
    ["commonjs", "node10"],
  ]) {
    it(`has types for its examples, where modules are found as by ${moduleResolution}`, async () => {
      const compilerOptions = {
        target: "es2020",
        module,
        moduleResolution,
        strict: true,
        esModuleInterop: true,
        skipLibCheck: true,
      };
      writeFileSync(
        path.join(folder, "tsconfig.json"),
        JSON.stringify({ compilerOptions, files: ["program.ts", "vllm.test.ts"] }),
      );
      const { all, exitCode } = await bin("tsc", "--noEmit");
      assert.deepEqual([all, exitCode], ["", 0]);
    });
  }

  // `pulumi up` starts what the main export names, and so must find none: the stack's own program is index.ts.
  it("has no main export", () => {
    const { exports: entries, main } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      exports: Record<string, unknown>;
      main?: string;
    };
    assert.deepEqual([Object.keys(entries), main], [["./components", "./package.json"], undefined]);
  });

  it("passes the page's test under Pulumi's mocks as they come", async () => {
    const { all, exitCode } = await bin(
      "mocha",
      "-r",
      "ts-node/register/transpile-only",
      "--timeout",
      "0",
      "vllm.test.ts",
    );
    assert.equal(exitCode, 0, all);
    assert.match(all, /1 passing/);
  });

  it("tells JavaScript all mistakes of its arguments at once, without a stack", async () => {
    const wrong = `{ routeEnabled: "false", securityMode: "privileged", servedModelNames: "foo", modlId: "a/b", modelId: pulumi.output("x"), namespace: pulumi.output("x"), hfToken: "hf_secret" }`;
    writeFileSync(
      path.join(folder, "wrong.js"),
      `const pulumi = require("@pulumi/pulumi");
       pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs }).then(() => {
         const { VllmInference } = require("vllm-on-openshift/components");
         try { new VllmInference("vllm", ${wrong}); } catch (error) { console.log(error.message); }
       });`,
    );
    const { stdout } = await execa(process.execPath, ["wrong.js"], { cwd: folder });
    const fields = [...stdout.matchAll(/^ {2}- '(\w+)'/gm)].map(([, field]) => field);
    assert.deepEqual(fields.toSorted(), [
      "cluster",
      "modelId",
      "modlId",
      "routeEnabled",
      "securityMode",
      "servedModelNames",
    ]);
    assert.match(stdout, /'modlId' must be a known argument; set 'modelId' if that was meant/);
    assert.match(stdout, /'modelId' must be a plain value, not an Output/);
    assert.ok(!stdout.includes("hf_secret"));
  });
});
