import assert from "node:assert/strict";
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { formerStateDir } from "../../../local/cluster/moved";
import { clusterLayout } from "../../../local/cluster/spec";
import { temporaryFolder } from "./temporary";

describe("a cluster whose folder", () => {
  const folder = temporaryFolder();

  /** As kwokctl v0.7.0 writes it, of which one component is enough. */
  function cluster(name: string): string {
    const stateDir = path.join(folder(), name, ".local");
    const { kwokConfig, workDir } = clusterLayout(stateDir);
    mkdirSync(workDir, { recursive: true });
    writeFileSync(kwokConfig, stringify({ components: [{ name: "etcd", workDir }] }, { indentSeq: false }));
    return stateDir;
  }
  const moved = (from: string, to: string): string => {
    const target = path.join(folder(), to);
    renameSync(path.dirname(from), target);
    return path.join(target, ".local");
  };

  for (const name of ["plain", "with a space", "übung: 'a'"])
    it(`is called "${name}" and was moved is known by where it was set up`, () => {
      const before = cluster(name);
      assert.equal(formerStateDir(clusterLayout(before)), undefined);
      assert.equal(formerStateDir(clusterLayout(moved(before, "elsewhere"))), before);
    });

  it("was copied is not the original's, which may run", () => {
    const before = cluster("original");
    const copy = path.join(folder(), "copy", ".local");
    cpSync(before, copy, { recursive: true });
    assert.equal(formerStateDir(clusterLayout(copy)), undefined);
  });

  it("has none yet, or a file cut short, was set up nowhere else", () => {
    const before = cluster("cut");
    const after = moved(before, "cut-moved");
    writeFileSync(clusterLayout(after).kwokConfig, "components:\n- name: etcd\n");
    assert.equal(formerStateDir(clusterLayout(after)), undefined);
    rmSync(clusterLayout(after).kwokConfig);
    assert.equal(formerStateDir(clusterLayout(after)), undefined);
  });
});
