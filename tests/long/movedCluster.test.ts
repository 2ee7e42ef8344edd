import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { clusterUid, startCluster, stopCluster } from "../../local/cluster";
import { runningProcesses } from "../../shared/processes";

describe("the embedded cluster of a folder that is moved while it runs", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vllm-moved é漢-"));
  let stateDir = path.join(folder, "state");
  after(async () => {
    await stopCluster(stateDir);
    rmSync(folder, { recursive: true, force: true });
  });
  const running = (): string[] =>
    runningProcesses().flatMap(({ command }) => (command.includes(`${folder}/`) ? [command] : []));
  /** Gives the former place. */
  function move(): string {
    const before = stateDir;
    stateDir = `${before}-moved`;
    renameSync(before, stateDir);
    return `${before}/`;
  }

  it("is ended there and started here by the next start, with its data", async () => {
    const { kubeconfig } = await startCluster({ stateDir });
    const uid = await clusterUid(kubeconfig);
    const before = move();
    const again = await startCluster({ stateDir });
    assert.equal(await clusterUid(again.kubeconfig), uid);
    assert.deepEqual(
      running().filter((command) => command.includes(before)),
      [],
    );
  });

  it("is ended", async () => {
    move();
    assert.ok((await stopCluster(stateDir)) >= 5);
    assert.deepEqual(running(), []);
  });
});
