/** `npm run ops -- logs` while the pod goes through its life, and past its restarts. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { simulate } from "../../local/simulation";
import { OwnKubeconfig } from "./account";
import { ops, startOps } from "./opsCommand";
import { eventually } from "./simulatedCluster";
import { TestStack } from "../../harness/stack";

describe("the log that an operator follows", () => {
  const namespace = "ops-logs";
  let stack: TestStack;
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);
  const simulated = (settings: Parameters<typeof simulate>[2]): Promise<void> =>
    simulate(stack.cluster.kubeconfig, namespace, settings);
  const newPod = (): Promise<string> => kubectl("delete", "pod", "-l", "app=vllm");

  before(async () => {
    stack = await TestStack.create(namespace);
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());

  /** What a followed log has said until now, notes and lines in the order in which they came. */
  function following(...args: string[]) {
    const running = startOps(stack, "logs", "-f", ...args);
    let text = "";
    for (const stream of [running.stdout, running.stderr]) stream?.on("data", (chunk) => (text += String(chunk)));
    return {
      until: (wanted: RegExp): Promise<boolean> =>
        eventually(
          () => Promise.resolve(text),
          (said) => wanted.test(said),
        ),
      async end(): Promise<string> {
        running.kill("SIGINT");
        assert.equal((await running).exitCode, 130, text);
        return text;
      },
    };
  }

  it("goes from the download, with its progress, into the server", async () => {
    await simulated({ download: 4, load: 3 });
    const log = following();
    await log.until(/── pod/);
    await newPod();
    await log.until(/model-downloader\n[^]*Application startup complete\./);
    const text = await log.end();
    await simulated({ download: undefined, load: undefined });
    const parts = [
      /── pod vllm-\S+, container model-downloader\n/,
      /model-downloader: downloading 1\.4 of 5\.6 GB \(25 %\), 1400 MB\/s, 3 s left\n/,
      /model-downloader: downloading 4\.2 of 5\.6 GB \(75 %\)/,
      /model-downloader: complete \S+ 5\.6 GB\n/,
      /── pod vllm-\S+, container server\n/,
      /Starting to load model/,
      /Application startup complete/,
    ];
    assert.match(text, new RegExp(parts.map(({ source }) => source).join("[^]*")));
    const lines = text.slice(text.indexOf("model-downloader\n")).split("\n");
    const twice = lines.filter((line, index) => line !== "" && lines.indexOf(line) !== index);
    assert.deepEqual(
      twice.filter((line) => !line.startsWith("[simulation]")),
      [],
      "each line comes once",
    );
  });

  it("--since shows no older line, and --tail no more than so many", async () => {
    const long = await ops(stack, "logs", "downloader", "--since", "10m");
    assert.match(long.stdout, /model-downloader: complete/);
    await sleep(1100); // its last line is older than that from now on
    const short = await ops(stack, "logs", "downloader", "--since", "1s");
    assert.equal(short.exitCode, 0, short.stderr);
    assert.equal(short.stdout, "");
    const { stdout } = await ops(stack, "logs", "server", "--tail", "2");
    assert.deepEqual(stdout.split("\n").length, 3, stdout);
  });

  it("--previous says that there was no run before", async () => {
    const { exitCode, stderr } = await ops(stack, "logs", "server", "--previous");
    assert.equal(exitCode, 1);
    assert.match(stderr, /^error: There is no earlier run of container server: it has not been restarted\.$/m);
    assert.doesNotMatch(stderr, /\n +at /);
  });

  it("goes over a connection that was lost", async () => {
    const api = new URL(
      await stack.cluster.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"),
    );
    const users = await OwnKubeconfig.create(stack);
    let line = await Line.open(Number(api.port));
    await users.addAccount("reader");
    await kubectl("create", "rolebinding", "reader", "--clusterrole=edit", `--serviceaccount=${namespace}:reader`);
    await users.addCluster("line", `https://127.0.0.1:${line.port}`, "reader");
    users.use("line");
    const log = following();
    await log.until(/Application startup complete/);
    line.cut();
    await log.until(/── Cannot read the cluster of context 'line': connect ECONNREFUSED \S+\. Still trying\.\n/);
    line = await Line.open(Number(api.port), line.port);
    await newPod();
    await log.until(/── pod [^]*── pod [^]*Application startup complete/);
    const text = await log.end();
    line.cut();
    users.leave();
    assert.equal(text.split("Still trying").length, 2, "it is said once");
  });

  describe("of a server that crashes once it has loaded", () => {
    before(async () => {
      await kubectl("rollout", "status", "deployment/vllm", "--timeout=60s");
      await simulated({ fault: "server-out-of-memory", load: 3 });
    });
    after(() => simulated({ fault: undefined, load: undefined }));

    it("-f shows the last words of each run, and counts the restarts", async () => {
      const log = following("server");
      await log.until(/Application startup complete/);
      await newPod();
      await log.until(/out of memory[^]*── container server has been restarted once\n[^]*CUDA out of memory/);
      const text = await log.end();
      const [, , crashing = "", ...more] = text.split("── pod");
      assert.deepEqual(more, [], "it is one pod");
      // The engine's traceback names the cause more than once; this line it writes once a run.
      assert.equal(crashing.split("EngineCore failed to start").length, 3, text);
      assert.equal(crashing.split("Starting to load model").length, 3, text);
    });

    it("--previous shows the run before the last restart", async () => {
      await newPod();
      const loading = "jsonpath={.items[*].status.containerStatuses[?(@.restartCount==1)].state.running.startedAt}";
      for (let tries = 0; (await kubectl("get", "pods", "-l", "app=vllm", "-o", loading)) === ""; tries++) {
        if (tries > 60) assert.fail("the server has not been restarted");
        await sleep(200);
      }
      const now = await ops(stack, "logs", "server");
      const { exitCode, stdout, stderr } = await ops(stack, "logs", "server", "--previous");
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /CUDA out of memory/);
      assert.doesNotMatch(now.stdout, /out of memory/);
    });
  });
});

/** A way to the API server that can be cut. */
class Line {
  private constructor(
    private readonly server: Server,
    private readonly sockets: Set<Socket>,
    readonly port: number,
  ) {}

  static async open(to: number, port = 0): Promise<Line> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(to, "127.0.0.1");
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on("error", () => socket.destroy());
      }
      near.pipe(far).pipe(near);
    });
    await once(server.listen(port, "127.0.0.1"), "listening");
    return new Line(server, sockets, (server.address() as { port: number }).port);
  }

  cut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
