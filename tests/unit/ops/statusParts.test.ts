import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { ApiError } from "../../../components/cluster/apiError";
import type { ClusterClient } from "../../../components/cluster/client";
import type { GateTarget } from "../../../components/readiness";
import type { Snapshot } from "../../../components/readiness/snapshot";
import { claimText, routeOf, tlsCertificate } from "../../../ops/commands/statusParts";
import { notSeen } from "../../../ops/commands/statusText";

const target: GateTarget = {
  component: "vllm",
  namespace: "n",
  deployment: "vllm",
  claim: "vllm-models-cache",
  downloaderContainer: "model-downloader",
  serverContainer: "server",
  securityMode: "anyuid",
};

/** A cluster that answers these paths, or refuses them. */
function cluster(answers: Record<string, object | ApiError>): ClusterClient {
  return {
    get: (path) => {
      const body = answers[path];
      if (body instanceof ApiError) return Promise.reject(body);
      return Promise.resolve(body && { body });
    },
    text: () => assert.fail("no log is asked for"),
    send: () => assert.fail("nothing is written"),
  };
}

describe("how full the claim is", () => {
  const claimPath = "/api/v1/namespaces/n/persistentvolumeclaims/vllm-models-cache";
  const statsPath = "/api/v1/nodes/gpu-0/proxy/stats/summary";
  const claim = {
    spec: { storageClassName: "gp3-csi" },
    status: { phase: "Bound", capacity: { storage: "30Gi" } },
  };
  const volume = (name: string, usedBytes: number) => ({
    name: "models",
    pvcRef: { name, namespace: "n" },
    usedBytes,
    capacityBytes: 32e9,
    availableBytes: 32e9 - usedBytes,
  });
  // As the kubelet's Summary API answers: other namespaces' pods on the node, and volumes of no claim, among them.
  const stats = {
    node: { nodeName: "gpu-0" },
    pods: [
      { podRef: { name: "x", namespace: "other", uid: "1" }, volume: [volume("vllm-models-cache", 1e9)] },
      { podRef: { name: "vllm-1", namespace: "n", uid: "2" }, volume: [{ name: "shm", usedBytes: 5 }] },
      { podRef: { name: "vllm-1", namespace: "n", uid: "2" }, volume: [volume("vllm-models-cache", 5.6e9)] },
    ],
  };

  async function text(answer: object | ApiError | undefined): Promise<{ said: string; missing: string[] }> {
    const rights = new Set<string>();
    const client = cluster({ [claimPath]: claim, ...(answer && { [statsPath]: answer }) });
    const said = await claimText(client, rights, target, "gpu-0");
    return { said, missing: [...rights] };
  }

  it("is the kubelet's own figure", async () => {
    const { said, missing } = await text(stats);
    assert.equal(said, "vllm-models-cache: Bound, 30Gi, class gp3-csi, 5.6 GB used (18 %)");
    assert.deepEqual(missing, []);
  });

  it("is not seen without a right that a project user lacks, and that is said", async () => {
    const { said, missing } = await text(new ApiError(403, "nodes is forbidden"));
    assert.equal(said, "vllm-models-cache: Bound, 30Gi, class gp3-csi");
    assert.deepEqual(missing.map(notSeen), ["how full the claim is: the right to get nodes/proxy is missing"]);
  });

  it("is not guessed where the kubelet does not answer, or measures nothing", async () => {
    assert.match(
      (await text(new ApiError(503, "no route"))).said,
      /how full cannot be told: the kubelet answered 503$/,
    );
    assert.match((await text({ pods: [] })).said, /the kubelet measures no volume of this claim$/);
  });
});

describe("a Route that several routers see", () => {
  const host = "vllm.apps.example.com";
  const seen = (...ingress: NonNullable<Snapshot["route"]>["ingress"]): object =>
    routeOf({ missingRights: [], route: { uid: "r", host, ingress } } as unknown as Snapshot, {
      ...target,
      route: "vllm",
    });

  it("is shown with its own host, which must be served, whichever of them is the first", () => {
    const exposes = { host: "vllm.edge.example.com", admitted: "True" };
    assert.deepEqual(seen(exposes), { host, admitted: false });
    assert.deepEqual(seen({ host, admitted: "False" }, exposes), { host, admitted: false });
    assert.deepEqual(seen(exposes, { host, admitted: "True" }), { host, admitted: true });
  });
});

describe("a Route's certificate", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "status-tls-"));
  const [keyFile, certFile] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const known = tls.getCACertificates("default");
  let server: Server;

  before(async function () {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", keyFile, "-out", certFile];
    try {
      execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", ...files, ...subject], {
        stdio: "ignore",
      });
    } catch {
      this.skip(); // no openssl to make a certificate with
    }
    server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  });
  after(() => {
    tls.setDefaultCACertificates(known);
    server?.close();
    server?.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });
  const port = (): number => (server.address() as AddressInfo).port;

  it("is shown with its end, and why this machine does not trust it", async () => {
    const text = await tlsCertificate("localhost", port());
    assert.match(
      text,
      /^valid until 20\d\d-\d\d-\d\d \([89] days\), not trusted here \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    );
  });

  it("is trusted where its authority is known", async () => {
    tls.setDefaultCACertificates([...known, readFileSync(certFile, "utf8")]);
    assert.match(
      await tlsCertificate("localhost", port()),
      /^valid until 20\d\d-\d\d-\d\d \([89] days\), trusted here$/,
    );
  });
});
