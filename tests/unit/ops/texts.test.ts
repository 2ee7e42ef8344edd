import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { resolveArgs } from "../../../components/args/resolve";
import { symptom } from "../../../components/symptoms";
import { processStart } from "../../../shared/lock.mjs";
import { repositoryRoot } from "../../../local/paths";
import { backendUrl, fileBackend, updateInProgress } from "../../../ops/checks/backend";
import type { CheckFinding } from "../../../ops/checks/check";
import { summary } from "../../../ops/commands/doctor";
import { noneText, stamped } from "../../../ops/commands/logs";
import { next, revised, sharedText } from "../../../ops/commands/redownload";
import { containerText, lastWriteText } from "../../../ops/commands/statusText";
import { OpsError } from "../../../ops/terminal/exitCodes";
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
