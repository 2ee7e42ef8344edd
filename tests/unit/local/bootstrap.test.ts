import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { dependencyStamp, isAtLeast, isInstalled, nodeVersions, npmComplaint } from "../../../local/bootstrap.mjs";
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
