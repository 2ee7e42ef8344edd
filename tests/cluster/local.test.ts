import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { Clone } from "../../harness/clone";
import { simulate, type SimulationSettings } from "../../local/simulation";

/** Runs a command on a terminal of its own, and presses Ctrl-C there once it has said the first argument. */
const pressesCtrlC = `
import os, pty, sys
said, pressed = b"", False
def read(terminal):
    global said, pressed
    text = os.read(terminal, 4096)
    said += text
    if not pressed and sys.argv[1].encode() in said:
        pressed = True
        os.write(terminal, b"\\x03")
    return text
code = os.waitstatus_to_exitcode(pty.spawn(sys.argv[2:], read))
sys.exit(code if code >= 0 else 128 - code)  # npm ends by the signal itself, of which a shell makes that
`;

describe("npm run local, in a fresh clone", () => {
  let clone: Clone;
  const leftovers = async (): Promise<string[]> => {
    const { stdout } = await execa("ps", ["-eo", "pid,args"]);
    return stdout.split("\n").filter((line) => line.includes(clone.folder) && !line.includes("ps -eo"));
  };

  // Whoever reads it fails, and whoever writes it changes it.
  const ownKubeconfig = "{ clusters: [ the user's own";
  const kubeconfig = (): string => path.join(clone.home, ".kube/config");

  before(async () => {
    clone = await Clone.make();
    mkdirSync(path.dirname(kubeconfig()));
    writeFileSync(kubeconfig(), ownKubeconfig);
  });
  after(() => clone.remove());

  // Each run goes on from what the kill before has left, so that the last one has survived all of them.
  const moments = ["starting a cluster", "installing what the cluster simulates", "Updating (local)", "vllm: loading"];
  for (const moment of moments) {
    it(`gets as far as '${moment}', where all of it is killed with kill -9`, async () => {
      const child = execa("npm", ["run", "--silent", "local"], { ...clone.options, detached: true });
      let text = "";
      child.all?.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes(moment) && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      });
      const { signal } = await child;
      assert.equal(signal, "SIGKILL", text);
    });
  }

  it("then deploys to a cluster of its own and says what to type next", async () => {
    const { exitCode, text } = await clone.local();
    assert.equal(exitCode, 0, text);
    assert.match(text, /What to type next/);
    // Outputs that the killed run had got to already are not shown again.
    const { text: url } = await clone.shell("pulumi stack output routeUrl");
    assert.equal(url, "https://vllm-vllm-inference.apps.local.test");
  });

  it("leaves git status clean", async () => {
    const { stdout } = await execa("git", ["-C", clone.folder, "status", "--porcelain"]);
    assert.equal(stdout, "");
  });

  it("changes nothing the second time", async () => {
    const { exitCode, text } = await clone.local();
    assert.equal(exitCode, 0, text);
    assert.match(text, /16 unchanged/);
  });

  const delay = (settings: SimulationSettings): Promise<void> =>
    simulate(path.join(clone.folder, ".local/kubeconfig"), "vllm-inference", settings);
  // On a wide terminal pulumi draws a tree and reads the key itself; on a narrow one its tree would cut the phase off, so that it writes lines.
  for (const columns of [100, 200]) {
    it(`shows the phase on a terminal of ${columns} columns, ends with 130 by Ctrl-C there in the middle of an up, and goes on`, async () => {
      // The new pod loads for longer than any test takes, until the key has been pressed.
      await delay({ load: 3600 });
      const command = `stty cols ${columns} rows 40 && exec npm run local -- --new-pod`;
      const { exitCode, signal, all } = await execa("python3", ["-c", pressesCtrlC, "vllm: ", "sh", "-c", command], {
        ...clone.options,
        env: { ...clone.options.env, CI: undefined },
        stdin: "ignore",
        reject: false,
      });
      assert.deepEqual([exitCode, signal], [130, undefined], String(all));
      await delay({ load: undefined });
      const again = await clone.local("--new-pod");
      assert.equal(again.exitCode, 0, again.text);
    });
  }

  it("keeps no log of every command, of a megabyte each", () => {
    assert.ok(statSync(path.join(clone.folder, ".local/pulumi-home/logs")).isFile());
  });

  it("gives a shell the project's pulumi, kubectl and cluster", async () => {
    const { exitCode, text } = await clone.shell(
      "pulumi preview --stack local && pulumi stack output routeHost && kubectl get pods -A",
    );
    assert.equal(exitCode, 0, text);
    assert.match(text, /vllm-vllm-inference\.apps\.local\.test[\s\S]*vllm-inference +vllm-/);
  });

  it("stops everything with down, and goes on where it was", async () => {
    const stopped = await clone.local("down");
    assert.equal(stopped.exitCode, 0, stopped.text);
    assert.deepEqual(await leftovers(), []);
    assert.equal((await clone.local("status")).exitCode, 1);
    const { exitCode, text } = await clone.local("fault", "none");
    assert.deepEqual(
      [exitCode, text],
      [1, "error: The cluster is not ready: it is stopped. Run `npm run local` first."],
    );
    assert.match(await interrupted("starting the cluster again"), /^Stopped\. Parts of the cluster may run: /m);
    const again = await clone.local();
    assert.equal(again.exitCode, 0, again.text);
    assert.match(again.text, /16 unchanged/);
  });

  /** What it says when Ctrl-C is pressed at that moment. */
  async function interrupted(moment: string): Promise<string> {
    const child = execa("npm", ["run", "--silent", "local"], { ...clone.options, detached: true });
    let text = "";
    child.all.on("data", (chunk: Buffer) => {
      const before = text.includes(moment);
      text += String(chunk);
      if (!before && text.includes(moment)) process.kill(-child.pid!, "SIGINT");
    });
    assert.notEqual((await child).exitCode, 0);
    return text;
  }

  it("forgets the cluster and its state with reset, and leaves nothing running", async () => {
    const { exitCode, text } = await clone.local("reset");
    assert.equal(exitCode, 0, text);
    assert.match(text, /^Removed .*\.local, .*Pulumi\.local\.yaml\.$/m);
    assert.ok(!existsSync(path.join(clone.folder, ".local")));
    assert.deepEqual(await leftovers(), []);
    assert.match((await clone.local("reset")).text, /There was nothing to forget\./);
  });

  it("neither reads nor writes the user's own kubeconfig", () => {
    assert.equal(readFileSync(kubeconfig(), "utf8"), ownKubeconfig);
  });
});
