import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { ApiError } from "../../../components/cluster/apiError";
import type { ClusterClient } from "../../../components/cluster/client";
import { resolveArgs } from "../../../components/args/resolve";
import { symptom } from "../../../components/symptoms";
import { processStart } from "../../../shared/lock.mjs";
import { repositoryRoot } from "../../../local/paths";
import { backendUrl, fileBackend, updateInProgress } from "../../../ops/checks/backend";
import { neededRights, type Right, rights } from "../../../ops/checks/rights";
import { probePod, verdict } from "../../../ops/commands/cudaProbe";
import type { CheckFinding } from "../../../ops/checks/check";
import { summary } from "../../../ops/commands/doctor";
import { noneText, stamped } from "../../../ops/commands/logs";
import { next, removalPod, revised, sharedText } from "../../../ops/commands/redownload";
import { containerText, lastWriteText } from "../../../ops/commands/statusText";
import { OpsError } from "../../../ops/terminal/exitCodes";
import { hubPod, hubVerdict } from "../../../ops/helper/hubProbe";
import { isDead } from "../../../ops/helper/pod";
import { completed } from "../../../ops/stack/modelOnClaim";
import type { OpsStack } from "../../../ops/stack/openStack";
import { readState } from "../../../ops/stack/state";
import { wrappedList } from "../../../ops/terminal/print";

describe("what operators read", () => {
  it("lines of a log are put in order whatever the length of their fraction", () => {
    const moments = ["2026-11-24T07:00:01Z a", "2026-11-24T07:00:01.5Z b", "2026-11-24T07:00:01.50000001Z c"].map(
      (line) => stamped(line)?.at ?? "",
    );
    assert.deepEqual(moments.toSorted(), moments);
    assert.equal(stamped("no stamp"), undefined);
    assert.equal(stamped("2026-11-24T07:00:01Z said: this")?.said, "said: this");
  });

  it("the model is what the downloader completed first: its adapters follow", () => {
    const log = [
      "2026-11-24T07:12:56.4Z model-downloader: verifying 4 of 4 files",
      "2026-11-24T07:12:57.1Z model-downloader: complete Qwen/A@111111111111 5.6 GB",
      "2026-11-24T07:12:58.2Z model-downloader: complete team/adapter@222222222222 0.1 GB",
    ].join("\n");
    assert.deepEqual(completed(log), {
      id: "Qwen/A",
      commit: "111111111111",
      size: "5.6 GB",
      verified: "2026-11-24T07:12:57Z",
    });
    assert.equal(completed("model-downloader: verifying 3 of 4 files"), undefined);
  });

  it("a container that crashes shows how often, and how the last run ended", () => {
    const container = {
      name: "server",
      restarts: 3,
      waiting: { reason: "CrashLoopBackOff" },
      last: { exitCode: 1, reason: "Error" },
    };
    assert.equal(containerText(container), "CrashLoopBackOff, 3 restarts, the last run ended with exit code 1");
    assert.equal(containerText({ name: "server", running: true, ready: true }), "ready");
    assert.equal(containerText({ name: "model-downloader", terminated: { exitCode: 0 } }), "done");
    const downloads = { name: "model-downloader", init: true, running: true, started: true, ready: false };
    assert.equal(containerText(downloads), "running"); // an init container has no readiness to wait for
    assert.equal(containerText({ ...downloads, name: "server", init: false }), "running, not ready");
  });

  it("that the backend has no such stack is told from what else keeps its state unread", async () => {
    const failing = (message: string) => readState({ pulumi: () => Promise.reject(new OpsError(message)) });
    const none = "pulumi stack failed: no stack named 'dev' found";
    assert.deepEqual(await failing(none), { missing: none, noStack: true });
    assert.deepEqual(await failing("incorrect passphrase"), { missing: "incorrect passphrase" });
  });

  it("why the last write is not known is said, and nothing else claimed", () => {
    const lastUp = undefined;
    const stateTrouble = "pulumi stack failed: no stack named 'dev' found";
    assert.equal(lastWriteText({ lastUp, stateTrouble, noStack: true }), "the stack has no state here");
    assert.equal(lastWriteText({ lastUp, stateTrouble: "incorrect passphrase" }), "not known: incorrect passphrase");
    assert.equal(lastWriteText({ lastUp: "2026-11-24T12:42:42.1Z" }), "2026-11-24T12:42:42 (the stack's state)");
  });

  it("a list that is too long for a line is broken after a comma", () => {
    assert.equal(wrappedList(["aaa", "bbb", "ccc"], 10), "aaa, bbb,\nccc");
    assert.equal(wrappedList(["aaaaaaaaaaaaaaaa"], 10), "aaaaaaaaaaaaaaaa");
    assert.equal(wrappedList([], 10), "");
  });

  it("why there is no log, and where to read on", () => {
    const standing = { phase: "scheduling" as const, detail: "no pod yet" };
    const quota = { symptom: symptom("quota-exceeded"), evidence: "exceeded quota: q", patience: 0 };
    assert.equal(
      noneText({ standing, findings: [quota] }, "server", "dev"),
      "The server has not begun yet: a ResourceQuota is used up.\n  Said: exceeded quota: q\n  More: npm run ops -- doctor --stack dev",
    );
    assert.equal(
      noneText({ standing, findings: [] }, undefined, "dev"),
      "No container has begun yet. The start-up is scheduling: no pod yet\n  More: npm run ops -- doctor --stack dev",
    );
  });

  it("how many faults there are, in the right number, and how to mend them", () => {
    const fixable: CheckFinding = { severity: "error", evidence: "locked", fix: () => Promise.resolve("unlocked") };
    const results = [
      { id: "a", title: "a", findings: [fixable, { severity: "note" as const, evidence: "x" }] },
      { id: "b", title: "b", findings: [], skipped: "y" },
    ];
    const untried = { mended: new Set<CheckFinding>(), fixed: [], failed: [] };
    assert.equal(
      summary({ results }, untried, "dev"),
      "\n1 error, 0 warnings, 1 note, 0 ok, 1 skipped\nnpm run ops -- doctor --fix --stack dev   # mends 1 of them",
    );
    const tried = { mended: new Set([fixable]), fixed: ["unlocked"], failed: [] };
    assert.equal(
      summary({ results }, tried, "dev"),
      "\nfixed    unlocked\n0 errors, 0 warnings, 1 note, 0 ok, 1 skipped, 1 fixed",
    );
  });

  it("redownload of another revision sets that of its model alone", () => {
    const text = "config:\n  vllm-inference:models:\n    chat: {}\n    coder:\n      maxModelLen: 1024\n";
    const stack = { project: "vllm-inference", args: resolveArgs("coder", {}) };
    assert.equal(revised(text, stack, "v2"), `${text}      modelRevision: v2\n`);
    const flat = { project: "vllm-inference", args: resolveArgs("vllm", {}) };
    assert.equal(revised("config: {}\n", flat, "v2").trim(), "config: { vllm-inference:modelRevision: v2 }");
  });

  it("redownload begins nothing while what is not the Deployment's own mounts the claim", () => {
    const args = resolveArgs("coder", { namespace: "n", existingClaim: "shared" });
    const target = { deployment: "coder", namespace: "n", claim: "shared" };
    const stack = { name: "dev", directory: "/p", connection: { context: "dev-cluster" }, args, target };
    const pod = (name: string, owner?: [kind: string, name: string], more: object = {}) => ({
      metadata: {
        name,
        labels: { app: name.split("-")[0], "pod-template-hash": "5d9c" },
        ...(owner && { ownerReferences: [{ kind: owner[0], name: owner[1], controller: true }] }),
        ...more,
      },
    });
    const told = (...pods: object[]): string | undefined =>
      sharedText(pods as Parameters<typeof sharedText>[0], stack as unknown as OpsStack);
    const own = pod("coder-5d9c-x", ["ReplicaSet", "coder-5d9c"]);
    assert.equal(told(own, pod("chat-5d9c-y", undefined, { deletionTimestamp: "2026-11-24T07:00:01Z" })), undefined);
    assert.match(
      told(own, pod("chat-5d9c-y", ["ReplicaSet", "chat-5d9c"])) ?? "",
      /^Claim shared is mounted by what is not coder's own: chat-5d9c-y\. .*\(`kubectl --context dev-cluster scale deployment chat -n n --replicas=0`\).*Nothing was stopped or removed\.$/,
    );
    assert.match(
      told(pod("shell"), pod("copy-1", ["Job", "copy"])) ?? "",
      /: shell, copy-1\. .*\(`kubectl --context dev-cluster delete pod shell -n n`, the Job copy\)/,
    );
  });

  it("what redownload leaves to be typed brings the embedded cluster's pulumi along", () => {
    const connection = { context: "local", kubeconfig: undefined };
    const stack = { name: "local", directory: repositoryRoot, connection, target: { deployment: "vllm" } };
    assert.match(
      next(stack as unknown as OpsStack, "abc"),
      /stays stopped until you type:\n {2}settings=\$\(npm run -s local -- env\) && eval "\$settings" && pulumi up --refresh --stack local$/,
    );
    assert.match(
      next({ ...stack, name: "dev" } as unknown as OpsStack, "abc"),
      /type:\n {2}pulumi up --refresh --stack dev$/,
    );
  });

  it("a backend is found by the environment, and only a file backend has a folder", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "backend-"));
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: x\nruntime: nodejs\nbackend: { url: s3://project }\n");
    assert.equal(backendUrl({ PULUMI_BACKEND_URL: "s3://bucket" }, folder), "s3://bucket");
    assert.equal(backendUrl({}, folder), "s3://project");
    rmSync(folder, { recursive: true });
    assert.equal(fileBackend("s3://bucket", "/p"), undefined);
    assert.equal(fileBackend("file:///a/b", "/p"), "/a/b");
    assert.equal(fileBackend("file://./state", "/p"), "/p/state");
    assert.match(fileBackend("file://~", "/p") ?? "", /^\/[^~]*$/);
  });

  it("only a backend that is a service tells of an update in progress", () => {
    const list = (more: object): string => JSON.stringify([{ name: "other" }, { name: "org/dev", ...more }]);
    assert.equal(updateInProgress(list({ updateInProgress: true }), "dev"), true);
    assert.equal(updateInProgress(list({ updateInProgress: false }), "dev"), false);
    assert.equal(updateInProgress(list({}), "dev"), undefined);
  });

  it("a pod of a process that lives is no leftover, nor is one of another machine", () => {
    assert.equal(isDead(`${hostname()}/${process.pid}/${processStart(process.pid) ?? ""}`), false);
    assert.equal(isDead(`${hostname()}/${process.pid}/1`), true);
    assert.equal(isDead("another-machine/1/1"), false);
  });
});

describe("what the commands ask of the cluster", () => {
  const args = resolveArgs("vllm", {
    hfToken: "x",
    tolerations: [{ key: "gpu", operator: "Exists" }],
    nodeSelector: { zone: "a" },
    runtimeClassName: "nvidia",
  });

  it("the probe runs where the stack's pod would, without any privilege", () => {
    const { spec } = probePod({ args }, 60);
    assert.deepEqual(
      [spec["tolerations"], spec["nodeSelector"], spec["runtimeClassName"]],
      [args.tolerations, args.nodeSelector, "nvidia"],
    );
    assert.equal(spec.serviceAccountName, undefined);
    const [container] = spec.containers;
    assert.equal(container.image, args.image);
    assert.deepEqual(container["securityContext"], {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    assert.ok(!JSON.stringify(spec).includes("token"), "the probe has no use for the token");
  });

  it("the Hub's probe asks as the download does, without a GPU, the token or any privilege", () => {
    const behind = resolveArgs("vllm", { hfToken: "hf_x", httpsProxy: "http://p:1", trustedCaConfigMap: "ca" });
    const { spec } = hubPod({ args: behind }, 60);
    const [container] = spec.containers;
    assert.ok(!/gpu"|hf_x|[tT]oken/.test(JSON.stringify(container["resources"]) + JSON.stringify(container["env"])));
    assert.deepEqual(container["env"], [
      { name: "HTTPS_PROXY", value: "http://p:1" },
      { name: "SSL_CERT_FILE", value: "/etc/model-downloader/ca/ca-bundle.crt" },
    ]);
    const items = [{ key: "ca-bundle.crt", path: "ca-bundle.crt" }];
    assert.deepEqual(spec["volumes"], [{ name: "trusted-ca", configMap: { name: "ca", items } }]);
    assert.equal(spec.serviceAccountName, undefined);
  });

  it("the Hub is reached where the probe says so, and nothing is known where none ran", () => {
    assert.deepEqual(hubVerdict({ exitCode: 0, log: "Hub: https://h answers 200\n" }), {
      reached: true,
      said: "https://h answers 200",
    });
    assert.deepEqual(hubVerdict({ exitCode: 137, log: "" }), {
      reached: false,
      said: "the probe ended with exit code 137",
    });
    assert.equal(hubVerdict({ exitCode: 0, log: "[simulation] container hub-probe ends well" }), undefined);
  });

  it("the removal mounts the claim as the server does, and asks for no GPU", () => {
    const { spec } = removalPod({ args });
    assert.ok(!JSON.stringify(spec).includes('nvidia.com/gpu":'));
    assert.deepEqual(spec["volumes"], [{ name: "models", persistentVolumeClaim: { claimName: "vllm-models-cache" } }]);
    assert.deepEqual((spec.containers[0]["command"] as string[]).slice(3), [
      "/models-cache",
      "Qwen/Qwen2.5-7B-Instruct-AWQ",
    ]);
  });

  it("the rights are those of what the stack makes", () => {
    const names = (more: object, exists: boolean): string[] =>
      neededRights(resolveArgs("vllm", more), exists).map(({ verb, resource }) => `${verb} ${resource}`);
    assert.ok(names({}, false).includes("create namespaces"));
    assert.ok(!names({}, true).includes("create namespaces"));
    assert.ok(names({}, true).includes("create roles"));
    assert.ok(!names({ securityMode: "restricted" }, true).includes("create roles"));
    assert.ok(!names({ existingClaim: "mine" }, true).includes("create persistentvolumeclaims"));
    assert.ok(!names({ routeEnabled: false }, true).includes("create routes"));
  });

  it("each right that is missing is named, whichever it is", async () => {
    const needed = neededRights(args, true);
    for (const taken of needed) {
      const client: ClusterClient = {
        get: () => Promise.resolve({ body: {} }),
        text: () => assert.fail("no log is asked for"),
        send: (_method, _path, body) => {
          const { resourceAttributes } = (body as { spec: { resourceAttributes: Right } }).spec;
          const same = (["verb", "group", "resource", "subresource"] as const).every(
            (field) => resourceAttributes[field] === taken[field],
          );
          return Promise.resolve({ status: { allowed: !same } });
        },
      };
      const found = await rights({ client, stack: { args, name: "dev" } });
      const resource = taken.subresource === undefined ? taken.resource : `${taken.resource}/${taken.subresource}`;
      const evidence = [found].flat().map((finding) => finding.evidence);
      assert.deepEqual(evidence, [`missing: ${taken.verb} ${resource} in namespace ${args.namespace}`]);
    }
    for (const one of ["create pods", "delete pods", "patch deployments/scale", "update leases", "list events"]) {
      const named = needed.map(
        ({ verb, resource, subresource }) => `${verb} ${[resource, subresource].filter(Boolean).join("/")}`,
      );
      assert.ok(named.includes(one), one);
    }
  });

  it("a namespace that cannot be asked for is an error, unless a right is missing", async () => {
    const client = (status: number): ClusterClient => ({
      get: () => Promise.reject(new ApiError(status, "no")),
      text: () => assert.fail("no log is asked for"),
      send: () => Promise.resolve({ status: { allowed: true } }),
    });
    await assert.rejects(rights({ client: client(500), stack: { args, name: "dev" } }), ApiError);
    assert.equal([await rights({ client: client(403), stack: { args, name: "dev" } })].flat()[0]?.severity, "ok");
  });
});

describe("the verdict of the probe", () => {
  it("is good where torch sees a GPU", () => {
    const { text, exitCode } = verdict({ exitCode: 0, log: "driver: 580.95\nGPU: A10G, 23028 MiB, 0 MiB used\n" });
    assert.equal(exitCode, 0);
    assert.match(text, /driver +580\.95\nGPU +A10G.*\n\nCUDA works from this image\.$/);
  });

  it("names the symptom where CUDA cannot be used", () => {
    const log =
      "NVIDIA_REQUIRE_CUDA: cuda>=12.8\ndriver: nvidia-smi failed: no such file\ntorch.cuda.is_available: False\n";
    const { text, exitCode } = verdict({ exitCode: 1, log });
    assert.equal(exitCode, 1);
    assert.match(text, /CUDA does not work from this image \(exit code 1\): the container sees no GPU\n/);
  });

  it("claims nothing on a simulated cluster", () => {
    const { text } = verdict({ exitCode: 0, log: "[simulation] no container runs\n" });
    assert.match(text, /of a GPU nothing is known, because this cluster is simulated\.$/);
  });
});
