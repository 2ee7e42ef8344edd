import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  InstallDependenciesRequest,
  type InstallDependenciesResponse,
  ProgramInfo,
} from "@pulumi/pulumi/proto/language_pb";
import { installDependencies } from "../../../local/plugins/language/dependencies";
import { splitArguments } from "../../../local/plugins/language/options";
import { directDependencies, installedPackages } from "../../../local/plugins/language/packages";
import { programConfig } from "../../../local/plugins/language/run";
import { interruptAll, locate, runNode } from "../../../local/plugins/language/spawn";

describe("language host", () => {
  let directory: string;
  before(() => (directory = mkdtempSync(path.join(tmpdir(), "language-"))));
  after(() => rmSync(directory, { recursive: true, force: true }));

  function writePackage(folder: string, content: object): void {
    mkdirSync(path.join(directory, folder), { recursive: true });
    writeFileSync(path.join(directory, folder, "package.json"), JSON.stringify(content));
  }

  it("splits nodeargs as a shell does", () => {
    assert.deepEqual(splitArguments(`--a  --b="c d" 'e "f"' g\\ h ""`), ["--a", "--b=c d", 'e "f"', "g h", ""]);
    assert.throws(() => splitArguments("--a 'b"), /must close its quotes/);
  });

  it("gives the program its configuration under the keys that every SDK reads", () => {
    assert.deepEqual(
      programConfig([
        ["p:key", "1"],
        ["aws:a:b", "2"],
      ]),
      { "p:config:key": "1", "aws:config:a:b": "2" },
    );
  });

  describe("asked to install dependencies, as `pulumi new` does", () => {
    const { PATH } = process.env;
    let cancelled: AbortController;
    beforeEach(() => (cancelled = new AbortController()));
    afterEach(() => (process.env["PATH"] = PATH));

    /** What it streams, and why it failed. */
    function install(
      npm: string,
      { options = {}, onSaid = () => {} }: { options?: Record<string, string>; onSaid?: () => void } = {},
    ): Promise<{ said: string; failure?: string }> {
      const bin = path.join(directory, "bin");
      mkdirSync(bin, { recursive: true });
      writeFileSync(path.join(bin, "npm"), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
      process.env["PATH"] = `${bin}:/usr/bin:/bin`;
      const request = new InstallDependenciesRequest();
      request.setDirectory(directory);
      const info = new ProgramInfo();
      info.setOptions(Struct.fromJavaScript(options));
      request.setInfo(info);
      let said = "";
      return new Promise((resolve) => {
        const call = Object.assign(new EventEmitter(), {
          request,
          write: (part: InstallDependenciesResponse) => {
            said += Buffer.from(part.getStdout_asU8()).toString();
            onSaid();
          },
          end: () => resolve({ said }),
          destroy: ({ message }: Error) => resolve({ said, failure: message }),
        });
        installDependencies(call as unknown as Parameters<typeof installDependencies>[0], cancelled.signal);
      });
    }

    it("runs npm in the program's folder and passes on what that says", async () => {
      assert.deepEqual(await install('echo "$*, $PWD"'), { said: `install --loglevel=error, ${directory}\n` });
    });

    it("says how npm ended where that fails", async () => {
      const failure = `npm install in ${directory} ended with 3`;
      assert.deepEqual(await install("exit 3"), { said: "", failure });
    });

    it("refuses every other package manager, rather than install with npm", async () => {
      const failure =
        `'runtime.options.packagemanager' (pnpm) must be npm for this language host; ` +
        `run \`pnpm install\` in ${directory} yourself`;
      assert.deepEqual(await install("echo ran", { options: { packagemanager: "pnpm" } }), { said: "", failure });
      assert.deepEqual(await install("echo ran", { options: { packagemanager: "npm" } }), { said: "ran\n" });
    });

    for (const [how, stop] of [
      ["this host is asked to cancel", () => Promise.resolve(cancelled.abort())],
      ["this host ends", interruptAll],
    ] as const) {
      it(`interrupts npm when ${how}`, async () => {
        const npm = "trap 'exit 9' INT; echo up; while :; do sleep 0.1; done";
        const { failure } = await install(npm, { onSaid: () => void stop() });
        assert.equal(failure, `npm install in ${directory} ended with 9`);
      });
    }
  });

  it("finds the plugins that packages need, scoped and nested ones too", async () => {
    writePackage("", { name: "program", version: "1.0.0", dependencies: { "@pulumi/one": "*", plain: "*" } });
    writePackage("node_modules/@pulumi/one", { name: "@pulumi/one", version: "1.2.3", pulumi: { resource: true } });
    writePackage("node_modules/plain", { name: "plain", version: "0.1.0" });
    writePackage("node_modules/plain/node_modules/two", {
      name: "two",
      version: "2.0.0",
      pulumi: { resource: true, name: "second", version: "2.0.1", server: "https://example.test" },
    });
    const plugins = (await installedPackages(directory)).flatMap(({ plugin }) => plugin ?? []);
    assert.deepEqual(plugins, [
      { name: "one", version: "v1.2.3", server: "" },
      { name: "second", version: "v2.0.1", server: "https://example.test" },
    ]);
    assert.deepEqual(await directDependencies(directory), [
      { name: "@pulumi/one", version: "1.2.3" },
      { name: "plain", version: "0.1.0" },
    ]);
  });

  it("says what to do where the SDK is missing", () => {
    assert.throws(() => locate("@pulumi/pulumi/cmd/run", directory, "pulumi install"), /Have you run pulumi install\?/);
  });

  async function run(script: string, cancel = new AbortController()) {
    let text = "";
    const command = { arguments: ["-e", script], directory, environment: process.env };
    const collect = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes("cancel me")) cancel.abort();
    };
    const exit = await runNode({ ...command, onStdout: collect, onStderr: collect }, cancel.signal);
    return { ...exit, text };
  }

  it("passes on the program's output and exit code", async () => {
    const { code, text } = await run("console.log('out'); console.error('err'); process.exitCode = 32");
    assert.deepEqual([code, text.split("\n").sort()], [32, ["", "err", "out"]]);
  });

  it("interrupts the program, so that it can clean up", async () => {
    const script =
      "process.on('SIGINT', () => { console.log('bye'); process.exit(3) }); setInterval(() => {}, 1000); console.log('cancel me')";
    const { code, text } = await run(script);
    assert.equal(code, 3);
    assert.match(text, /bye/);
  });
});
