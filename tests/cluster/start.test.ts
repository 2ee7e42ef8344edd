import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { clusterLayout, clusterUid, startCluster, stopCluster } from "../../local/cluster";
import { runningProcesses } from "../../shared/processes";
import { versions } from "../../local/versions";

const root = path.resolve(__dirname, "../..");

describe("the start of the embedded cluster, in a folder with a blank and other letters", () => {
  let folder: string;
  let stateDir: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vllm start é漢-"));
    stateDir = path.join(folder, "state");
  });
  afterEach(async () => {
    await stopCluster(stateDir);
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends with the last words of a process that ends by itself, and leaves nothing", async () => {
    const words = "the certificate of the moon has expired";
    const fake = path.join(folder, "bin");
    mkdirSync(fake);
    const asked = `[ "$1" = --version ] && echo "Kubernetes v${versions.kubernetes}" && exit`;
    writeFileSync(path.join(fake, "kube-apiserver"), `#!/bin/sh\n${asked}\necho "${words}" >&2\nexit 1\n`);
    chmodSync(path.join(fake, "kube-apiserver"), 0o755);
    const before = process.env["PATH"];
    process.env["PATH"] = [fake, before].join(path.delimiter);
    try {
      await assert.rejects(startCluster({ stateDir }), {
        name: "UserError",
        message: `The cluster did not start: kube-apiserver ended by itself, and said last:\n--- kube-apiserver\n${words}`,
      });
    } finally {
      process.env["PATH"] = before;
    }
    assert.deepEqual(
      runningProcesses().filter(({ command }) => command.includes(stateDir)),
      [],
    );
    const { kwokDir, marker } = clusterLayout(stateDir);
    assert.deepEqual([kwokDir, marker].filter(existsSync), []);
  });

  it("needs no network but the loopback interface; a cluster of an earlier version is taken over with its data", async function () {
    if (process.platform !== "linux") this.skip(); // network namespaces are Linux's
    const inside = `const { clusterUid, startCluster, stopCluster } = require("./local/cluster");
      (async (stateDir) => {
        const { kubeconfig } = await startCluster({ stateDir });
        console.log(await clusterUid(kubeconfig));
        await stopCluster(stateDir);
      })(process.argv[1]);`;
    const script = [process.execPath, "-r", "ts-node/register/transpile-only", "-e", inside, stateDir];
    const loopback = ["--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
    const alone = await execa("unshare", [...loopback, ...script], { cwd: root, all: true, reject: false });
    // This account may make no network namespace.
    if (/unshare: .*(not permitted|denied)|ip: not found/i.test(alone.all)) this.skip();
    assert.equal(alone.exitCode, 0, alone.all);

    const layout = clusterLayout(stateDir);
    renameSync(layout.kwokDir, layout.formerKwokDir);
    const marker = JSON.parse(readFileSync(layout.marker, "utf8")) as object;
    writeFileSync(layout.marker, JSON.stringify({ ...marker, specHash: "of an earlier version" }));
    const { kubeconfig } = await startCluster({ stateDir });
    assert.equal(await clusterUid(kubeconfig), alone.stdout);
    assert.ok(!existsSync(layout.formerKwokDir));
  });
});
