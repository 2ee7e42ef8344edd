/** What doctor says of quotas and free GPUs: what the stack's own pod takes is free again when `up` replaces it. */
import assert from "node:assert/strict";
import { resolveArgs } from "../../../components/args/resolve";
import type { Checked, CheckFinding } from "../../../ops/checks/check";
import { clusterChecks } from "../../../ops/checks/cluster";
import { gpuChecks } from "../../../ops/checks/gpu";
import { podShare } from "../../../ops/checks/share";

const owner = "vllm-inference/stack";
const args = resolveArgs("vllm", { namespace: "n" });
const stack = {
  name: "dev",
  project: "vllm-inference",
  args,
  target: { deployment: "vllm", namespace: "n" },
  connection: { context: "dev" },
};

const gpuPod = {
  metadata: { name: "vllm-1", namespace: "n" },
  spec: {
    nodeName: "gpu-0",
    initContainers: [{ resources: { requests: { cpu: "2", memory: "2Gi" }, limits: { cpu: "3", memory: "3Gi" } } }],
    containers: [
      {
        resources: {
          requests: { cpu: "500m", memory: "2Gi" },
          limits: { cpu: "2", memory: "8Gi", "nvidia.com/gpu": "1" },
        },
      },
    ],
  },
  status: { phase: "Running" },
};
const node = {
  metadata: { name: "gpu-0", labels: { "nvidia.com/gpu.product": "NVIDIA-A10G" } },
  status: { allocatable: { "nvidia.com/gpu": "1" } },
};

interface Given {
  /** Whose Deployment is there; undefined where there is none. */
  holder?: string;
  pods?: object[];
  quota?: { hard: Record<string, string>; used: Record<string, string> };
}

/** What a check finds on a cluster with one GPU. */
async function finding(id: string, { holder, pods = [], quota }: Given): Promise<CheckFinding> {
  const bodies: Record<string, object> = {
    "/api/v1/nodes": { items: [node] },
    "/api/v1/pods": { items: pods },
    "/api/v1/namespaces/n/pods": { items: pods },
    "/api/v1/namespaces/n/resourcequotas": { items: quota ? [{ metadata: { name: "team" }, status: quota }] : [] },
  };
  const context = {
    stack,
    client: { get: (path: string) => Promise.resolve({ body: bodies[path] }) },
    ...(holder !== undefined && {
      deployment: { metadata: { name: "vllm", annotations: { [owner]: holder } } },
      seen: { snapshot: { pods: [{ name: "vllm-1" }], claim: {} } },
    }),
  } as unknown as Checked;
  const check = [...clusterChecks, ...gpuChecks].find((each) => each.id === id);
  return [await check?.run(context)].flat()[0] as CheckFinding;
}

const own = "organization/vllm-inference/dev";
const others = "organization/vllm-inference/prod";

describe("what a pod takes", () => {
  it("is of each resource what its containers take together, or the init container that takes most", () => {
    const { "requests.cpu": cpu, "limits.cpu": limit, "requests.nvidia.com/gpu": gpus } = podShare(gpuPod.spec);
    assert.deepEqual([cpu, limit, gpus], [2, 3, 1]);
  });
});

describe("doctor, of free GPUs", () => {
  it("finds none where another stack's pod, in the very namespace, holds the only one", async () => {
    const { severity, evidence } = await finding("gpu-free", { holder: others, pods: [gpuPod] });
    assert.deepEqual([severity, evidence], ["error", "1 asked for; gpu-0: 0 of 1 free"]);
  });

  it("counts the one that this stack's pod holds", async () => {
    const { severity, evidence } = await finding("gpu-free", { holder: own, pods: [gpuPod] });
    assert.deepEqual([severity, evidence], ["ok", "gpu-0: 1 of 1 free, or this stack's own"]);
  });

  it("finds one where nothing is deployed", async () => {
    assert.equal((await finding("gpu-free", {})).evidence, "gpu-0: 1 of 1 free");
  });
});

describe("doctor, of quotas", () => {
  const full = { hard: { "requests.cpu": "3", pods: "1" }, used: { "requests.cpu": "2", pods: "1" } };

  it("finds one used up by others, with what the download asks for", async () => {
    const { severity, evidence } = await finding("quota", { pods: [gpuPod], quota: full });
    assert.equal(severity, "error");
    assert.equal(evidence, "ResourceQuota team: requests.cpu 2 of 3 used, 2 asked for");
  });

  it("leaves room for a pod that replaces this stack's own", async () => {
    const { severity, evidence } = await finding("quota", { holder: own, pods: [gpuPod], quota: full });
    assert.deepEqual([severity, evidence], ["ok", "1 quota leaves room"]);
  });

  it("says how much of it this stack has where it wants more", async () => {
    const quota = { hard: { "requests.memory": "1Gi" }, used: { "requests.memory": "2Gi" } };
    const { evidence } = await finding("quota", { holder: own, pods: [gpuPod], quota });
    assert.equal(
      evidence,
      "ResourceQuota team: requests.memory 2Gi of 1Gi used, 2Gi of it by this stack, 2Gi asked for",
    );
  });

  it("finds it used up where a deployment is there whose pods it has kept away", async () => {
    const quota = { hard: { "requests.nvidia.com/gpu": "0" }, used: { "requests.nvidia.com/gpu": "0" } };
    const { evidence } = await finding("quota", { holder: own, quota });
    assert.equal(evidence, "ResourceQuota team: requests.nvidia.com/gpu 0 of 0 used, 1 asked for");
  });

  it("asks for no second claim where the stack has one", async () => {
    const quota = { hard: { persistentvolumeclaims: "1" }, used: { persistentvolumeclaims: "1" } };
    assert.equal((await finding("quota", { holder: own, quota })).severity, "ok");
    assert.equal((await finding("quota", { quota })).severity, "error");
  });
});
