import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { commandPath, commandText, obtainPlugins, officialPlugin, plugins } from "../../../local/plugins/official";
import { surroundings, type Surroundings } from "../../../local/toolchain/resolve";

describe("official plugins", () => {
  let directory: string;
  let around: Surroundings;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "plugins-"));
    const env = { PULUMI_HOME: path.join(directory, "home"), HOME: path.join(directory, "user"), PATH: "" };
    around = { ...surroundings(), env, cacheDir: path.join(directory, "cache") };
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function write(file: string, text: string): string {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
    return file;
  }

  it("takes one from the user's Pulumi home", async () => {
    assert.equal(await officialPlugin(plugins.kubernetes, around), undefined);
    const file = write(commandPath(path.join(directory, "home"), plugins.kubernetes), "\x7fELF");
    assert.equal(await officialPlugin(plugins.kubernetes, around), file);
  });

  it("takes one from the user's Pulumi home also where PULUMI_HOME is the project's own, then one on PATH", async () => {
    const folder = path.join(directory, "bin");
    const onPath = write(path.join(folder, "pulumi-resource-kubernetes"), "\x7fELF");
    around.env = { ...around.env, PATH: `/nowhere:${folder}` };
    assert.equal(await officialPlugin(plugins.kubernetes, around), onPath);
    const file = write(commandPath(path.join(directory, "user/.pulumi"), plugins.kubernetes), "\x7fELF");
    assert.equal(await officialPlugin(plugins.kubernetes, around), file);
  });

  it("does not take a command of this project for one", async () => {
    write(commandPath(path.join(directory, "home"), plugins.kubernetes), commandText("/bin/true"));
    assert.equal(await officialPlugin(plugins.kubernetes, around), undefined);
  });

  it("says in one line which official ones serve, where they are, and that pulumi warns of one on PATH", async () => {
    const folder = path.join(directory, "bin");
    const random = write(path.join(folder, "pulumi-resource-random"), "\x7fELF");
    around.env = { ...around.env, PATH: folder };
    const kubernetes = write(commandPath(path.join(directory, "home"), plugins.kubernetes), "\x7fELF");
    const language = write(commandPath(path.join(directory, "home"), plugins.language), "\x7fELF");
    const lines: string[] = [];
    await obtainPlugins((line) => lines.push(line), around);
    const version = (name: keyof typeof plugins): string => `${plugins[name].name} ${plugins[name].version}`;
    assert.deepEqual(lines, [
      `using the official Pulumi plugins ${version("language")} (${language}), ${version("kubernetes")} (${kubernetes}), ` +
        `${version("random")} (${random}, on PATH, of which pulumi warns with each command)`,
    ]);
  });

  it("says in one line which stand-ins serve, and why", async () => {
    const lines: string[] = [];
    const asked: string[] = [];
    const unreachable: typeof fetch = (url) => {
      asked.push(url instanceof Request ? url.url : String(url));
      return Promise.reject(new Error("no route"));
    };
    around.session = { fetch: unreachable, unreachableHosts: new Set() };
    await obtainPlugins((line) => lines.push(line), around);
    assert.equal(asked.length, 1, "an unreachable host is asked once");
    assert.match(asked[0] ?? "", /^https:\/\/github\.com\/pulumi\/pulumi-kubernetes\/.*_checksums\.txt$/);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? "",
      /^using this project's stand-ins for the Pulumi plugins .*resource-kubernetes .*resource-random .*: not installed here, and github\.com cannot be reached/,
    );
  });
});
