import assert from "node:assert/strict";
import { ApiError } from "../../../components/cluster/apiError";
import type { ClusterClient } from "../../../components/cluster/client";
import { resolveArgs } from "../../../components/args/resolve";
import { neededRights, type Right, rights } from "../../../ops/checks/rights";
import { probePod, verdict } from "../../../ops/commands/cudaProbe";
import { removalPod } from "../../../ops/commands/redownload";
import { hubPod, hubVerdict } from "../../../ops/helper/hubProbe";

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
