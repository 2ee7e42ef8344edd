import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";

const scripts = path.resolve(__dirname, "../../../ops/scripts");
const model = "Qwen/Qwen2.5-0.5B";

describe("the removal of a model from the volume", function () {
  let folder: string;
  let mount: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ops-remove-"));
    mount = path.join(folder, "models");
    mkdirSync(mount);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (...names: string[]): void => {
    for (const name of names) {
      mkdirSync(path.dirname(path.join(mount, name)), { recursive: true });
      writeFileSync(path.join(mount, name), name);
    }
  };
  const run = (...args: string[]): { status: number | null; stdout: string } =>
    spawnSync("python3", ["-I", "-S", path.join(scripts, "remove_model.py"), ...args], { encoding: "utf8" });
  const there = (...names: string[]): string[] => names.filter((name) => existsSync(path.join(mount, name)));

  const own = [
    `.model-downloader/${model}/abc.123/model.safetensors`,
    `.model-downloader/${model}/abc.123.json`,
    `.model-downloader/${model}/revisions.json`,
  ];
  const cache = [
    ".hf-cache/hub/models--Qwen--Qwen2.5-0.5B/blobs/x",
    ".hf-cache/hub/.locks/models--Qwen--Qwen2.5-0.5B/x.lock",
  ];
  const others = [
    "Qwen/Qwen2.5-7B/config.json",
    ".model-downloader/Qwen/Qwen2.5-7B/abc.123/model.safetensors",
    ".hf-cache/hub/models--Qwen--Qwen2.5-7B/blobs/y",
    ".hf-cache/xet/z",
    ".vllm-cache/w",
    `.model-downloader/${model}/kept/mine/notes.txt`,
  ];

  it("takes snapshots, marks, the served link and the hub's cache, and nothing of others", () => {
    write(...own, ...cache, ...others);
    symlinkSync(`../.model-downloader/${model}/abc.123`, path.join(mount, model));
    const { status, stdout } = run(mount, model);
    assert.equal(status, 0, stdout);
    assert.deepEqual(there(...own, ...cache, model), []);
    assert.deepEqual(there(...others), others);
    assert.match(stdout, /done: Qwen\/Qwen2\.5-0\.5B is gone from the volume\n$/);
  });

  it("takes the folder that the old script has downloaded", () => {
    write(`${model}/config.json`, ...others);
    assert.equal(run(mount, model).status, 0);
    assert.deepEqual(there(model), []);
    assert.deepEqual(there(...others), others);
  });

  it("does nothing on an empty volume, and says so", () => {
    assert.equal(run(mount, model).status, 0);
  });

  for (const [what, args] of [
    ["a model with ..", ["MOUNT", "../victim"]],
    ["a model with an absolute path", ["MOUNT", "/etc"]],
    ["a model with three parts", ["MOUNT", "Qwen/a/b"]],
    ["a model named ..", ["MOUNT", "Qwen/.."]],
    ["a mount path with ..", ["MOUNT/../victim", model]],
    ["a relative mount path", ["models", model]],
    ["the root as mount path", ["/", model]],
  ] as const) {
    it(`refuses ${what}`, () => {
      mkdirSync(path.join(folder, "victim", model), { recursive: true });
      const { status, stdout } = run(...args.map((arg) => arg.replace("MOUNT", mount)));
      assert.equal(status, 1);
      assert.match(stdout, /^error: the (model|mount path) \(.*\) must be /);
      assert.ok(existsSync(path.join(folder, "victim", model)));
    });
  }

  for (const link of [
    "Qwen",
    ".model-downloader",
    ".model-downloader/Qwen",
    `.model-downloader/${model}`,
    ".hf-cache",
    ".hf-cache/hub",
  ]) {
    it(`removes nothing through a link at ${link}`, () => {
      const victim = path.join(folder, "victim");
      for (const name of [
        `${model.split("/")[1] ?? ""}/precious`,
        `${model}/precious`,
        "hub/models--Qwen--Qwen2.5-0.5B/precious",
        "models--Qwen--Qwen2.5-0.5B/precious",
        "precious",
      ]) {
        mkdirSync(path.dirname(path.join(victim, name)), { recursive: true });
        writeFileSync(path.join(victim, name), "");
      }
      mkdirSync(path.dirname(path.join(mount, link)), { recursive: true });
      symlinkSync(victim, path.join(mount, link));
      const { status, stdout } = run(mount, model);
      assert.equal(status, 1, stdout);
      assert.match(stdout, /is a link or no folder, so nothing in it is removed/);
      const left = spawnSync("find", [victim, "-name", "precious"], { encoding: "utf8" }).stdout.trim().split("\n");
      assert.equal(left.length, 5);
    });
  }

  it("removes a link inside the model, not what it leads to", () => {
    write(...own);
    writeFileSync(path.join(folder, "precious"), "");
    mkdirSync(path.join(folder, "folder"));
    writeFileSync(path.join(folder, "folder", "precious"), "");
    symlinkSync(path.join(folder, "precious"), path.join(mount, `.model-downloader/${model}/abc.123/link`));
    symlinkSync(path.join(folder, "folder"), path.join(mount, `.model-downloader/${model}/abc.123/folder`));
    symlinkSync(path.join(folder, "folder"), path.join(mount, `.model-downloader/${model}/def.123`));
    assert.equal(run(mount, model).status, 0);
    assert.deepEqual(there(...own), []);
    assert.ok(existsSync(path.join(folder, "precious")) && existsSync(path.join(folder, "folder", "precious")));
  });

  it("waits for nobody: while a downloader holds the lock nothing is removed", async () => {
    write(...own, `.model-downloader/${model}/lock`);
    const lock = path.join(mount, `.model-downloader/${model}/lock`);
    const hold = `import fcntl,sys,time\nf=open(sys.argv[1],"r+")\nfcntl.flock(f,fcntl.LOCK_EX)\nprint("held",flush=True)\ntime.sleep(60)`;
    const holder = spawn("python3", ["-c", hold, lock], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await new Promise((resolve) => holder.stdout.once("data", resolve));
      const { status, stdout } = run(mount, model);
      assert.equal(status, 1);
      assert.equal(stdout, "error: a downloader is at work on this model.\n");
      assert.deepEqual(there(...own), own);
    } finally {
      holder.kill();
    }
  });
});

describe("the probe's script", function () {
  it("says what it sees where there is no GPU, no driver and no Hub, and fails", () => {
    const env = {
      PATH: "/usr/bin:/bin",
      NVIDIA_REQUIRE_CUDA: "cuda>=12.8",
      HF_ENDPOINT: "http://127.0.0.1:1",
      PYTHONPATH: "/nowhere",
    };
    const script = readFileSync(path.join(scripts, "cuda_probe.py"), "utf8");
    const { status, stdout, stderr } = spawnSync("python3", ["-S", "-c", script], {
      encoding: "utf8",
      env,
      timeout: 15_000,
    });
    assert.equal(stderr, "");
    assert.equal(status, 1);
    assert.match(stdout, /^NVIDIA_REQUIRE_CUDA: cuda>=12\.8\ndriver: nvidia-smi failed: /);
    assert.match(stdout, /torch: cannot be imported/);
    assert.match(stdout, /Hub: http:\/\/127\.0\.0\.1:1 cannot be reached/);
  });

  /** With `python3 -c` and this argument, while a Hub answers so, by its status or word for word; undefined where none does. */
  async function askHub(status: number | string | undefined): Promise<{ exitCode: number; stdout: string }> {
    const server = createServer((_, response) => {
      if (typeof status === "string") response.socket?.end(status);
      else response.writeHead(status ?? 200).end("[]");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    if (status === undefined) server.close();
    const script = readFileSync(path.join(scripts, "cuda_probe.py"), "utf8");
    const env = { PATH: "/usr/bin:/bin", HF_ENDPOINT: `http://127.0.0.1:${port}` };
    try {
      const { exitCode, stdout } = await execa("python3", ["-S", "-c", script, "hub"], {
        env,
        extendEnv: false,
        reject: false,
      });
      return { exitCode: exitCode ?? -1, stdout: stdout.replaceAll(String(port), "PORT") };
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  it("asks a Hub behind a proxy that speaks no HTTP, and ends without a traceback", async () => {
    const { exitCode, stdout } = await askHub("SSH-2.0-proxy\r\n");
    assert.deepEqual([exitCode, stdout], [1, "Hub: http://127.0.0.1:PORT cannot be reached: SSH-2.0-proxy"]);
  });

  for (const [status, wanted, said] of [
    [200, 0, "answers 200"],
    [404, 0, "answers 404"],
    [503, 1, "answers 503"],
    [407, 1, "answers 407"],
    [undefined, 1, "cannot be reached: <urlopen error [Errno 111] Connection refused>"],
  ] as const) {
    it(`asks the Hub alone, and ends with ${wanted} where it ${said}`, async () => {
      const { exitCode, stdout } = await askHub(status);
      assert.deepEqual([exitCode, stdout], [wanted, `Hub: http://127.0.0.1:PORT ${said}`]);
    });
  }
});
