import assert from "node:assert/strict";
import * as kubernetes from "../../../components/text/syntax";

describe("Kubernetes' own formats", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  const images: [string, kubernetes.ImageReference | undefined][] = [
    [
      "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3",
      { repository: "registry.redhat.io/rhaiis/vllm-cuda-rhel9", tag: "3" },
    ],
    ["localhost:5000/a/b", { repository: "localhost:5000/a/b" }],
    ["localhost:5000/a/b:tag", { repository: "localhost:5000/a/b", tag: "tag" }],
    [`quay.io/a/b:1@${digest}`, { repository: "quay.io/a/b", tag: "1", digest }],
    [`quay.io/a/b@${digest}`, { repository: "quay.io/a/b", digest }],
    ["vllm", { repository: "vllm" }],
    ["quay.io/a/b@sha256:abc", undefined],
    ["https://quay.io/a/b", undefined],
    ["quay.io/A/b", undefined],
    ["quay.io/a/b:", undefined],
    ["quay.io/a b", undefined],
    ["", undefined],
  ];
  for (const [text, image] of images) {
    it(`reads '${text}' as ${image === undefined ? "no image" : "an image"}`, () => {
      assert.deepEqual(kubernetes.parseImage(text), image);
    });
  }

  const checks: [(text: string) => boolean, string[], string[]][] = [
    [kubernetes.isDnsLabel, ["a", "vllm-inference", "0a"], ["", "-a", "a-", "A", "a.b", "a_b", "a".repeat(64)]],
    [kubernetes.isDnsName, ["a.b", "vllm.apps.example.com"], ["", ".a", "a.", "a..b", "https://a.b", "a.b/c", "a:80"]],
    [kubernetes.isLabelKey, ["a", "nvidia.com/gpu.product", "A_b"], ["", "/a", "a/", "a/b/c", "-a", "UP.com/a", "a b"]],
    [kubernetes.isLabelValue, ["", "NVIDIA-A10G", "a_b.c"], ["a b", "-a", "a/b", "a".repeat(64)]],
    [
      kubernetes.isAbsoluteFolder,
      ["/models-cache", "/a/b"],
      ["", "/", "models", "/a/", "/a/../b", "//a", "/a/./b", "./a"],
    ],
    [
      kubernetes.isModelId,
      ["Qwen/Qwen2.5-7B-Instruct-AWQ", "a/b_c"],
      ["", "Qwen", "a/b/c", "/b", "a/", "a b/c", "../b", "a/b..c"],
    ],
    [kubernetes.isHttpUrl, ["https://a.b", "http://proxy:3128"], ["", "a.b", "ftp://a.b", "https://"]],
  ];
  for (const [check, right, wrong] of checks) {
    for (const text of right) it(`${check.name} accepts '${text}'`, () => assert.equal(check(text), true));
    for (const text of wrong) it(`${check.name} refuses '${text}'`, () => assert.equal(check(text), false));
  }
});

describe("address ranges", () => {
  for (const text of ["203.0.113.0/24", "10.0.0.1/32", "0.0.0.0/0", "2001:db8::/32", "::/0"])
    it(`takes '${text}'`, () => {
      assert.ok(kubernetes.isAddressRange(text));
    });
  for (const text of [
    "999.1.1.1/99",
    "10.0.0.0/33",
    "2001:db8::/129",
    "10.0.0.0",
    "10.0.0.0/",
    "/8",
    "a/8",
    "10.0.0.0/-1",
  ])
    it(`refuses '${text}'`, () => {
      assert.ok(!kubernetes.isAddressRange(text));
    });
});
