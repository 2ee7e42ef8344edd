import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  dependencyStamp,
  installDependencies,
  isAtLeast,
  isInstalled,
  isInstalledByNpm,
  nodeVersions,
  npmComplaint,
} from "../../../local/bootstrap.mjs";
import { versions } from "../../../local/versions";
import { temporaryFolder } from "./temporary";

describe("bootstrap.mjs", () => {
  const folder = temporaryFolder();
  const lock = (content: string) => {
    writeFileSync(path.join(folder(), "package-lock.json"), content);
  };
  const install = (stamp: string) => {
    mkdirSync(path.join(folder(), "node_modules"), { recursive: true });
    writeFileSync(path.join(folder(), "node_modules", ".installed-from"), stamp);
  };

  it("reads the pinned Node from versions.ts and the oldest from package.json", () => {
    const { oldest, pinned } = nodeVersions();
    assert.equal(pinned, versions.node);
    assert.ok(isAtLeast(pinned, oldest));
  });

  for (const [version, wanted, enough] of [
    ["v22.19.0", "22.19", true],
    ["v22.18.9", "22.19", false],
    ["v23.0.0", "22.19", true],
    ["v18.20.4", "22.19", false],
    ["v22.2.0", "22.19", false],
  ] as const) {
    it(`${enough ? "takes" : "does not take"} Node ${version} for ${wanted}`, () => {
      assert.equal(isAtLeast(version, wanted), enough);
    });
  }

  it("leaves node_modules alone that was made from this package-lock.json", () => {
    lock("a");
    install(dependencyStamp(folder(), "v22.23.3"));
    assert.ok(isInstalled(folder(), dependencyStamp(folder(), "v22.19.0")));
  });

  it("installs anew when package-lock.json has changed, or the major of Node", () => {
    lock("a");
    install(dependencyStamp(folder(), "v22.23.3"));
    assert.ok(!isInstalled(folder(), dependencyStamp(folder(), "v24.1.0")));
    lock("b");
    assert.ok(!isInstalled(folder(), dependencyStamp(folder(), "v22.23.3")));
  });

  it("installs when node_modules has no stamp: an installation that was broken off has none", () => {
    lock("a");
    mkdirSync(path.join(folder(), "node_modules", "typescript"), { recursive: true });
    assert.ok(!isInstalled(folder(), dependencyStamp(folder(), "v22.23.3")));
  });

  describe("a node_modules of the user's own npm", () => {
    const found = { "node_modules/yaml": { integrity: "sha512-yaml" } };
    const wanted = {
      "": { name: "this" },
      ...found,
      "node_modules/native-darwin": { integrity: "sha512-darwin", optional: true },
    };
    const isTaken = (installed: object): boolean => {
      lock(JSON.stringify({ packages: wanted }));
      mkdirSync(path.join(folder(), "node_modules"), { recursive: true });
      const hidden = path.join(folder(), "node_modules", ".package-lock.json");
      writeFileSync(hidden, JSON.stringify({ packages: installed }));
      return isInstalledByNpm(folder());
    };

    it("is taken as it is, without what is for other platforms", () => {
      assert.ok(isTaken(found));
    });

    for (const [title, installed] of [
      ["lacks a package", {}],
      ["has another version", { "node_modules/yaml": { integrity: "sha512-older" } }],
      ["has a package more", { ...found, "node_modules/left-pad": { integrity: "sha512-left" } }],
    ] as const) {
      it(`is made anew when it ${title}`, () => {
        assert.ok(!isTaken(installed));
      });
    }

    it("is made anew when npm was broken off, and has not said what it installed", () => {
      lock(JSON.stringify({ packages: wanted }));
      assert.ok(!isInstalledByNpm(folder()));
    });
  });

  describe("installing dependencies", () => {
    /** An `npm` that makes a node_modules, or fails half-way. */
    const fakeNpm = (lines: string) => {
      writeFileSync(path.join(folder(), "npm"), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
      return { PATH: `${folder()}:/usr/bin:/bin` };
    };
    const file = (...names: string[]) => path.join(folder(), "node_modules", ...names);
    beforeEach(() => {
      lock("a");
      writeFileSync(path.join(folder(), "package.json"), "{}");
      mkdirSync(file("old"), { recursive: true });
    });

    it("puts the new node_modules in the place of the old one, stamped", async () => {
      const env = fakeNpm(
        'echo "$*" > arguments; test -f package-lock.json && mkdir -p node_modules/new && cp arguments node_modules/new',
      );
      await installDependencies(folder(), "stamp", env);
      assert.equal(readFileSync(file("new", "arguments"), "utf8").trim(), "ci --ignore-scripts --no-audit --no-fund");
      assert.ok(isInstalled(folder(), "stamp"));
      assert.ok(!existsSync(file("old")));
      assert.deepEqual(readdirSync(path.join(folder(), ".local")), []);
    });

    it("leaves the old node_modules alone when npm fails half-way", async () => {
      const env = fakeNpm("mkdir -p node_modules/half; echo 'npm error network unreachable' >&2; exit 1");
      await assert.rejects(installDependencies(folder(), "stamp", env), {
        message: "npm ci failed: network unreachable",
      });
      assert.ok(existsSync(file("old")));
      assert.ok(!existsSync(file("half")));
      assert.ok(!isInstalled(folder(), "stamp"));
    });
  });

  it("repeats what npm complained of, without its prefixes and its usage", () => {
    const output = [
      "npm warn deprecated something",
      "npm error code EUSAGE",
      "npm error",
      "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.",
      "npm error",
      "npm error Missing: left-pad@1.0.0 from lock file",
      "npm error Usage:",
    ].join("\n");
    assert.equal(
      npmComplaint(output),
      "`npm ci` can only install packages when your package.json and package-lock.json are in sync. Missing: left-pad@1.0.0 from lock file",
    );
    assert.equal(npmComplaint("npm ERR! code E404\nnpm ERR! 404 Not Found"), "404 Not Found");
    assert.equal(npmComplaint("killed"), "killed");
  });
});
