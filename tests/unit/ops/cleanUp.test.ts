import assert from "node:assert/strict";
import { mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../../components/cluster/apiError";
import type { ClusterClient } from "../../../components/cluster/client";
import { exitCodes, OpsError } from "../../../ops/terminal/exitCodes";
import { type PlacedPod, runHelperPod } from "../../../ops/helper/pod";
import { pause, startAnew, stop, Stopped, withCleanUp } from "../../../ops/terminal/interrupt";
import { withLease } from "../../../ops/stack/lease";

/** A cluster that holds a pod and a lease; each request's answer may be changed. */
class FakeCluster implements ClusterClient {
  readonly asked: string[] = [];
  readonly objects = new Map<string, FakeObject>();
  /** Called before a request does what it asks for. */
  before: (method: string, path: string, body?: object) => void | Promise<void> = () => undefined;
  private version = 0;

  async get(path: string) {
    await this.before("GET", path);
    const body = this.objects.get(path);
    return body && { body };
  }

  async text(path: string) {
    await this.before("GET", path);
    return "";
  }

  async send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: object = {}) {
    this.asked.push(`${method} ${path.split("/").at(-1) ?? ""}`);
    await this.before(method, path, body);
    const { metadata, preconditions } = body as { metadata?: Metadata; preconditions?: { resourceVersion: string } };
    const at = method === "POST" ? `${path}/${metadata?.name ?? ""}` : path;
    const live = this.objects.get(at);
    const wanted = preconditions?.resourceVersion ?? metadata?.resourceVersion;
    if (method !== "POST" && !live) throw new ApiError(404, "not found");
    if (wanted !== undefined && live?.metadata.resourceVersion !== wanted) throw new ApiError(409, "conflict");
    if (method === "DELETE") return void this.objects.delete(at);
    const creationTimestamp = new Date().toISOString();
    const written = {
      ...body,
      metadata: { uid: "1", creationTimestamp, ...metadata, resourceVersion: `${++this.version}` },
    };
    this.objects.set(at, written);
    return written;
  }
}

interface FakeObject {
  metadata: { resourceVersion: string; [field: string]: unknown };
  status?: object;
}

interface Metadata {
  name?: string;
  resourceVersion?: string;
}

const pod: PlacedPod = {
  name: "probe",
  namespace: "n",
  command: "cuda-probe",
  timeoutSeconds: 60,
  spec: { containers: [{ name: "probe", image: "example.com/i:1" }] },
  stack: { name: "dev", directory: "/p", connection: { context: "dev-cluster" } },
};
const podPath = "/api/v1/namespaces/n/pods/probe";
const leasePath = "/apis/coordination.k8s.io/v1/namespaces/n/leases/l";
const isStopped = (error: unknown): boolean => error instanceof Stopped;

describe("what a command has begun", () => {
  let cluster: FakeCluster;
  beforeEach(() => {
    startAnew();
    cluster = new FakeCluster();
  });
  afterEach(startAnew);

  it("is undone after the action has settled, not beside it", async () => {
    const order: string[] = [];
    const running = withCleanUp(
      () => Promise.resolve(void order.push("undone")),
      async () => {
        await sleep(50);
        order.push("settled");
      },
    );
    stop("Stopped.", exitCodes.interrupted);
    await running;
    assert.deepEqual(order, ["settled", "undone"]);
  });

  it("begins nothing more once it is to stop", async () => {
    stop("Stopped.", exitCodes.interrupted);
    await assert.rejects(
      withCleanUp(
        () => assert.fail("undone"),
        () => assert.fail("begun"),
      ),
      isStopped,
    );
  });

  it("a pod whose creation is on its way at Ctrl-C is removed after it has come", async () => {
    cluster.before = async (method) => {
      if (method !== "POST") return;
      stop("Stopped.", exitCodes.interrupted);
      await sleep(100);
    };
    await assert.rejects(
      runHelperPod(cluster, pod, () => undefined),
      isStopped,
    );
    assert.deepEqual(cluster.asked, ["POST pods", "DELETE probe"]);
    assert.equal(cluster.objects.size, 0);
  });

  it("a pod is removed also when the answer to its creation was lost, and it comes late", async () => {
    cluster.before = (method) => {
      if (method !== "POST") return;
      setTimeout(() => cluster.objects.set(podPath, { metadata: { resourceVersion: "1" } }), 300);
      throw new Error("socket hang up");
    };
    await assert.rejects(
      runHelperPod(cluster, pod, () => undefined),
      /socket hang up/,
    );
    assert.equal(cluster.objects.size, 0);
  });

  it("a pod that the cluster refuses is not removed, since somebody else may have one of that name", async () => {
    cluster.before = (method) => {
      if (method === "POST") throw new ApiError(409, "already exists");
    };
    await assert.rejects(
      runHelperPod(cluster, pod, () => undefined),
      /its command may be running/,
    );
    assert.deepEqual(cluster.asked, ["POST pods"]);
  });

  it("a pod that no SCC admits names its own account in what to do", async () => {
    cluster.before = (method) => {
      if (method === "POST") throw new ApiError(403, "unable to validate against any security context constraint");
    };
    await assert.rejects(
      runHelperPod(cluster, { ...pod, spec: { ...pod.spec, serviceAccountName: "my-sa" } }, () => undefined),
      /What to do: .*oc adm policy add-scc-to-user anyuid -z my-sa -n n\b/,
    );
  });

  it("a pod that its node refuses is not waited for, and the node's words are told", async () => {
    const status = {
      phase: "Failed",
      reason: "UnexpectedAdmissionError",
      message: "Allocate failed due to no devices, nvidia.com/gpu",
    };
    cluster.before = (method) => {
      const made = cluster.objects.get(podPath);
      if (method === "GET" && made) cluster.objects.set(podPath, { ...made, status });
    };
    await assert.rejects(
      runHelperPod(cluster, pod, () => undefined),
      /^OpsError: Pod probe cannot run: its node has thrown it out\.\n {2}Said: UnexpectedAdmissionError: Allocate failed due to no devices, nvidia\.com\/gpu\n {2}What to do: see the node's message/,
    );
    assert.equal(cluster.objects.size, 0);
  });

  it("a removal that fails is tried again", async () => {
    let failures = 2;
    cluster.before = (method) => {
      if (method === "POST") stop("Stopped.", exitCodes.interrupted);
      if (method === "DELETE" && failures-- > 0) throw new ApiError(500, "etcd is away");
    };
    await assert.rejects(
      runHelperPod(cluster, pod, () => undefined),
      isStopped,
    );
    assert.equal(cluster.objects.size, 0);
  });

  it("a removal that is forbidden says what is left and what to type, beside the reason", async () => {
    const said: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text: string | Uint8Array) => said.push(String(text)) > 0;
    cluster.before = (method, path) => {
      if (method === "POST") stop("Stopped.", exitCodes.interrupted);
      if (method === "DELETE") throw new ApiError(403, `pods "probe" is forbidden at ${path.length}`);
    };
    try {
      await assert.rejects(
        runHelperPod(cluster, pod, () => undefined),
        isStopped,
      );
    } finally {
      process.stderr.write = write;
    }
    assert.match(
      said.join(""),
      /^error: Pod probe is left: .*forbidden.*; remove it: kubectl --context dev-cluster delete pod probe -n n\n$/,
    );
  });

  describe("a lease", () => {
    it("that somebody else has taken over stays theirs", async () => {
      await withLease(cluster, "n", "l", () =>
        Promise.resolve(cluster.objects.set(leasePath, { metadata: { resourceVersion: "theirs" } })),
      );
      assert.equal(cluster.objects.get(leasePath)?.metadata.resourceVersion, "theirs");
    });

    it("that is gone already spoils no success", async () => {
      await withLease(cluster, "n", "l", () => Promise.resolve(cluster.objects.delete(leasePath)));
    });

    it("that was taken over stops the command, which leaves the rest to its successor", async () => {
      mock.timers.enable({ apis: ["setInterval"] });
      try {
        const running = withLease(cluster, "n", "l", async (held) => {
          assert.equal(held(), true);
          cluster.objects.set(leasePath, { metadata: { resourceVersion: "theirs" } });
          mock.timers.tick(15_000);
          await assert.rejects(pause(2_000), /Another redownload has taken over/);
          assert.equal(held(), false);
          await pause(0);
        });
        await assert.rejects(running, (error) => error instanceof Stopped && error.exitCode === exitCodes.busy);
        assert.equal(cluster.objects.get(leasePath)?.metadata.resourceVersion, "theirs");
      } finally {
        mock.timers.reset();
      }
    });

    /** The next write arrives, and its answer does not. */
    const loseAnswer = (method: "POST" | "PUT"): void => {
      cluster.before = async (asked, path, body) => {
        if (asked !== method) return;
        cluster.before = () => undefined;
        await cluster.send(method, path, body);
        throw new Error("socket hang up");
      };
    };

    it("whose renewal's answer was lost is still held", async () => {
      mock.timers.enable({ apis: ["setInterval"] });
      try {
        await withLease(cluster, "n", "l", async (held) => {
          loseAnswer("PUT");
          mock.timers.tick(15_000);
          await pause(10);
          mock.timers.tick(15_000);
          await pause(10);
          assert.equal(held(), true);
        });
        assert.equal(cluster.objects.has(leasePath), false);
      } finally {
        mock.timers.reset();
      }
    });

    it("whose making's answer was lost is not left behind", async () => {
      loseAnswer("POST");
      await assert.rejects(
        withLease(cluster, "n", "l", () => assert.fail("nothing is begun")),
        /socket hang up/,
      );
      assert.equal(cluster.objects.has(leasePath), false);
    });

    it("whose release fails does not hide why the action failed", async () => {
      cluster.before = (method) => {
        if (method === "DELETE") throw new ApiError(500, "etcd is away");
      };
      await assert.rejects(
        withLease(cluster, "n", "l", () => Promise.reject(new OpsError("The helper cannot run."))),
        /The helper cannot run/,
      );
    });
  });
});
