import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheDir, defaultStateDir } from "../../../local/paths";
import { goSuffices } from "../../../local/toolchain/build";
import { resolve, surroundings, type Surroundings } from "../../../local/toolchain/resolve";
import { tools } from "../../../local/toolchain/tools";
import { versions } from "../../../local/versions";
import { temporaryFolder } from "./temporary";

const tool = tools["kubectl"];

describe("resolving a tool", () => {
  const folder = temporaryFolder();
  let said: string[];
  beforeEach(() => {
    said = [];
  });

  const bin = () => path.join(folder(), "bin");
  const script = (name: string, lines: string) => {
    mkdirSync(bin(), { recursive: true });
    writeFileSync(path.join(bin(), name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    return path.join(bin(), name);
  };
  /** A `go` that writes its arguments where the binary should go. */
  const fakeGo = (version: string) =>
    script(
      "go",
      `if [ "$1" = env ]; then echo go${version}; exit; fi\necho $$ >> ${folder()}/builds\nsleep 0.1\necho "$CGO_ENABLED $PWD $*" > "$7"; chmod +x "$7"`,
    );
  const unreachable = () => Promise.reject(new Error("getaddrinfo ENOTFOUND"));
  const around = (answer: typeof fetch = unreachable): Surroundings => ({
    env: { PATH: `${bin()}:/usr/bin:/bin` },
    platform: { os: "linux", arch: "amd64" },
    cacheDir: path.join(folder(), "cache"),
    session: { fetch: answer, unreachableHosts: new Set() },
    progress: (text) => said.push(text),
  });
  // /usr/bin may hold a real kubectl; this one comes first and is what PATH means by the name.
  const wrongKubectl = () => script("kubectl", "echo Client Version: v1.29.0");
  const cached = () => path.join(folder(), "cache", "kubectl", `v${versions.kubernetes}`, "kubectl");

  it("takes the one on PATH when its minor version is the pinned one", async () => {
    const own = script("kubectl", "echo Client Version: v1.34.9");
    assert.deepEqual(await resolve(tool, around()), { path: own, source: "PATH", version: "1.34.9" });
  });

  it("has a kubectl that asks a server for its version, too, ask none of the user's", async () => {
    const asked = path.join(folder(), "asked");
    const own = script("kubectl", `echo "$KUBECONFIG $*" > ${asked}\necho Client Version: v1.34.9`);
    const env = { ...around().env, KUBECONFIG: path.join(folder(), "the-users") };
    assert.equal((await resolve(tool, { ...around(), env })).path, own);
    assert.equal(readFileSync(asked, "utf8"), "/dev/null version --client --server=http://127.0.0.1:0\n");
  });

  it("finds the same tools in a shell of `npm run local -- env`, whose PATH begins with links to them", () => {
    const links = path.join(defaultStateDir, "bin");
    const before = process.env["PATH"];
    process.env["PATH"] = `${links}:/usr/bin:/bin`;
    try {
      assert.equal(surroundings().env["PATH"], "/usr/bin:/bin");
    } finally {
      process.env["PATH"] = before;
    }
  });

  it("leaves one of another minor version on PATH alone and takes the cached one", async () => {
    wrongKubectl();
    mkdirSync(path.dirname(cached()), { recursive: true });
    writeFileSync(cached(), "binary", { mode: 0o755 });
    assert.deepEqual(await resolve(tool, around()), { path: cached(), source: "cache", version: versions.kubernetes });
  });

  it("leaves one alone that fails when asked for its version", async () => {
    script("kubectl", "echo v1.34.2; exit 1");
    fakeGo("1.99.0");
    assert.equal((await resolve(tool, around())).source, "build");
  });

  it("does not take a partial file in the cache for the tool", async () => {
    wrongKubectl();
    fakeGo("1.99.0");
    mkdirSync(path.dirname(cached()), { recursive: true });
    writeFileSync(`${cached()}.1.partial`, "half", { mode: 0o755 });
    assert.equal((await resolve(tool, around())).source, "build");
  });

  it("downloads what is neither on PATH nor cached", async () => {
    wrongKubectl();
    const sum = createHash("sha256").update("binary").digest("hex");
    const answer: typeof fetch = (url) =>
      Promise.resolve(new Response((url as string).endsWith(".sha256") ? sum : "binary"));
    assert.equal((await resolve(tool, around(answer))).source, "download");
    assert.equal(readFileSync(cached(), "utf8"), "binary");
    assert.deepEqual(said, [`downloading kubectl ${versions.kubernetes}`]);
  });

  it("builds from the pinned module when the download cannot be had, and says why", async () => {
    wrongKubectl();
    fakeGo("1.99.0");
    assert.deepEqual(await resolve(tool, around()), { path: cached(), source: "build", version: versions.kubernetes });
    const [cgo, cwd, ...args] = readFileSync(cached(), "utf8").trim().split(" ");
    assert.equal(cgo, "0");
    assert.ok(cwd?.endsWith("/local/tools/kubernetes"), cwd);
    assert.deepEqual(args.slice(0, 3), ["build", "-trimpath", "-mod=readonly"]);
    assert.equal(args.at(-1), "k8s.io/kubernetes/cmd/kubectl");
    assert.match(said.at(-1)!, /^building kubectl 1\.\d+\.\d+ \(dl\.k8s\.io cannot be reached/);
    assert.deepEqual(readdirSync(path.dirname(cached())), ["kubectl"]);
  });

  it("builds once when two want the same tool at the same time", async () => {
    wrongKubectl();
    fakeGo("1.99.0");
    const both = await Promise.all([resolve(tool, around()), resolve(tool, around())]);
    assert.deepEqual(both.map(({ source }) => source).sort(), ["build", "cache"]);
    assert.equal(readFileSync(path.join(folder(), "builds"), "utf8").trim().split("\n").length, 1);
  });

  it("says what a failed build said, and leaves nothing", async () => {
    wrongKubectl();
    script(
      "go",
      'if [ "$1" = env ]; then echo go1.99.0; exit; fi\necho half > "$7"; echo "no space left on device" >&2; exit 1',
    );
    await assert.rejects(resolve(tool, around()), {
      name: "UserError",
      message: "go build k8s.io/kubernetes/cmd/kubectl failed: no space left on device",
    });
    assert.deepEqual(readdirSync(path.dirname(cached())), []);
  });

  it("says what to install when it can neither download nor build", async () => {
    wrongKubectl();
    script("go", "exit 127");
    await assert.rejects(resolve(tool, around()), {
      name: "UserError",
      message:
        `kubectl ${versions.kubernetes} can neither be downloaded (dl.k8s.io cannot be reached (getaddrinfo ENOTFOUND)) nor built ` +
        "(Go is not installed). Install Go 1.24.0 or newer (https://go.dev/doc/install), or put kubectl " +
        `${versions.kubernetes} on PATH.`,
    });
    assert.ok(!existsSync(cached()));
  });

  it("says that the Go on PATH is too old", async () => {
    wrongKubectl();
    fakeGo("1.19.2");
    await assert.rejects(resolve(tool, around()), /nor built \(Go 1\.19\.2 is too old\)/);
  });
});

describe("the tools' versions", () => {
  it("need the exact minor for Kubernetes, etcd and KWOK", () => {
    assert.ok(tools["kube-apiserver"].fits("1.34.0"));
    assert.ok(!tools["kube-apiserver"].fits("1.33.9"));
    assert.ok(!tools["kube-apiserver"].fits("1.35.0"));
    assert.ok(!tools.etcd.fits("3.5.21"));
    assert.ok(!tools.kwok.fits("0.6.1"));
  });
  it("allow a newer Pulumi CLI of the same major, and no older one", () => {
    assert.ok(tools.pulumi.fits("3.300.1"));
    assert.ok(!tools.pulumi.fits("3.258.9"));
    assert.ok(!tools.pulumi.fits("4.0.0"));
  });
});

describe("goSuffices", () => {
  for (const [installed, required, suffices] of [
    ["1.24.0", "1.24.0", true],
    ["1.26", "1.24.3", true],
    ["1.24", "1.24.1", false],
    ["1.9.9", "1.24.0", false],
  ] as const) {
    it(`${suffices ? "takes" : "does not take"} Go ${installed} for ${required}`, () => {
      assert.equal(goSuffices(installed, required), suffices);
    });
  }
});

describe("cacheDir", () => {
  it("follows XDG_CACHE_HOME", () => {
    assert.equal(cacheDir({ XDG_CACHE_HOME: "/x" }), "/x/vllm-on-openshift/tools");
  });
});
