import assert from "node:assert/strict";
import type { PlainArgs } from "../../../components/args/content";
import { problemsText } from "../../../components/text/errors";
import { resolveArgs } from "../../../components/args/resolve";
import { validate } from "../../../components/args/validate";

type Args = Omit<PlainArgs, "cluster">;

function sentences(args: Args, name = "vllm"): string[] {
  return validate(resolveArgs(name, { hfToken: "hf_x", ...args })).map(({ reason }) => reason);
}

/** Mistakes, one at a time, each with the whole sentence that the user reads. */
const mistakes: [string, Args, string][] = [
  [
    "a namespace that is no DNS label",
    { namespace: "My Models" },
    "'namespace' (My Models) must be a DNS label (a-z, 0-9 and -, at most 63 characters); set a name such as vllm-inference.",
  ],
  [
    "a pull secret that cannot be a name",
    { imagePullSecret: "Pull_Secret" },
    "'imagePullSecret' (Pull_Secret) must be the name of a Kubernetes object (a-z, 0-9, - and .); set the object's name, or leave it empty.",
  ],
  [
    "a storage class that cannot be a name",
    { storageClassName: "fast ssd" },
    "'storageClassName' (fast ssd) must be the name of a Kubernetes object (a-z, 0-9, - and .); set the object's name, or leave it empty.",
  ],
  [
    "an image that is none",
    { image: "https://quay.io/vllm" },
    "'image' (https://quay.io/vllm) must be an image reference; set it to registry/repository:tag or registry/repository@sha256:<digest>.",
  ],
  [
    "a tag where a digest is required",
    { requireImageDigest: true },
    "'image' (registry.redhat.io/rhaiis/vllm-cuda-rhel9:3) must name a digest while 'requireImageDigest' is true, because a tag can move; set it to registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:<digest>.",
  ],
  [
    "a line that there is not",
    { imageLine: "4.0" },
    "'imageLine' (4.0) must be one of 3.0, 3.2, 3.3, 3.4, 3.5, 3.6; set the line of the image, or leave it empty.",
  ],
  [
    "a line that the image's tag denies",
    { imageLine: "3.5" },
    "'imageLine' (3.5) must be 3.3, the line that 'image' (registry.redhat.io/rhaiis/vllm-cuda-rhel9:3) names; leave it empty, or set another image.",
  ],
  [
    "a model without owner",
    { modelId: "qwen2.5" },
    "'modelId' (qwen2.5) must be a model of the Hugging Face Hub, as owner/name; set an id such as Qwen/Qwen2.5-7B-Instruct-AWQ.",
  ],
  [
    "a revision with spaces",
    { modelRevision: "my branch" },
    "'modelRevision' (my branch) must be a commit, a tag or a branch; set a commit of the model, or leave it empty.",
  ],
  [
    "a hub that is no URL",
    { hfEndpoint: "mirror.example.com" },
    "'hfEndpoint' (mirror.example.com) must be an http or https URL; set one such as https://mirror.example.com.",
  ],
  [
    "a proxy with a password, which is not shown",
    { httpsProxy: "http://me:secret@proxy:3128" },
    "'httpsProxy' must hold no user name or password, because every reader of the pod could see them; set the URL without them.",
  ],
  [
    "a password in what is no URL, which is not shown either",
    { httpsProxy: "me:secret@proxy:3128" },
    "'httpsProxy' must hold no user name or password, because every reader of the pod could see them; set the URL without them.",
  ],
  [
    "a relative mount path",
    { modelsPath: "models" },
    "'modelsPath' (models) must be an absolute path below / without trailing slash, . or ..; set a path such as /models-cache.",
  ],
  [
    "the root as mount path",
    { modelsPath: "/" },
    "'modelsPath' (/) must be an absolute path below / without trailing slash, . or ..; set a path such as /models-cache.",
  ],
  [
    "a size that is no quantity",
    { pvcSize: "30 GB" },
    "'pvcSize' (30 GB) must be a Kubernetes quantity above 0; set a size such as 30Gi.",
  ],
  [
    "a size of nothing",
    { pvcSize: "0" },
    "'pvcSize' (0) must be a Kubernetes quantity above 0; set a size such as 30Gi.",
  ],
  [
    "a namespace of its own around somebody else's claim",
    { existingClaim: "models" },
    "'createNamespace' (true) must be false while 'existingClaim' is set, because `destroy` would delete the namespace with that claim; set it to false, or 'protectClaim' to true.",
  ],
  [
    "a proxy with a password and a protocol that is none, and shows neither",
    { httpsProxy: "socks5://user:hunter22@proxy:1080" },
    "'httpsProxy' must hold no user name or password, because every reader of the pod could see them; set the URL without them.",
  ],
  [
    "a token in the wrong key",
    { imagePullSecret: "hf_abcdefghijklmnopqrst" },
    "'imagePullSecret' (hf_…) must be the name of a Kubernetes object (a-z, 0-9, - and .); set the object's name, or leave it empty.",
  ],
  [
    "a storage class for an existing claim",
    { existingClaim: "models", createNamespace: false, storageClassName: "fast" },
    "'storageClassName' (fast) must be empty while 'existingClaim' is set, because no claim is made then; set only one of them.",
  ],
  [
    "a served name with a space",
    { servedModelNames: ["my model"] },
    "'servedModelNames' (my model) must have neither spaces nor commas, nor start with -; set names such as my-model.",
  ],
  [
    "no name without a slash",
    { servedModelNames: ["team/model"] },
    `'servedModelNames' (["Qwen/Qwen2.5-7B-Instruct-AWQ","team/model"]) must include a name without a slash, because clients such as Claude Code cannot use the others; set one more name such as my-model.`,
  ],
  [
    "no GPU",
    { tensorParallelSize: 0 },
    "'tensorParallelSize' (0) must be a whole number of at least 1; set 1 or more.",
  ],
  [
    "a fraction of a token",
    { maxModelLen: 1.5 },
    "'maxModelLen' (1.5) must be a whole number of at least 1; set 1 or more.",
  ],
  [
    "more memory than a GPU has",
    { gpuMemoryUtilization: 90 },
    "'gpuMemoryUtilization' (90) must be above 0 and at most 1; set a share such as 0.9.",
  ],
  [
    "a dtype that vLLM does not know",
    { dtype: "int8" },
    "'dtype' (int8) must be one of auto, half, float16, bfloat16, float, float32; set auto for the model's own type.",
  ],
  [
    "a Route host with a scheme",
    { routeHost: "https://a.example.com" },
    "'routeHost' (https://a.example.com) must be a DNS name, without scheme, port or path; set a host such as vllm.apps.example.com, or leave it empty.",
  ],
  [
    "a host for a Route that is off",
    { routeEnabled: false, routeHost: "a.example.com" },
    "'routeHost' (a.example.com) must be empty while 'routeEnabled' is false; set routeEnabled to true, or leave the host empty.",
  ],
  [
    "a Route path that is none",
    { routePath: "v1" },
    "'routePath' (v1) must be /v1 or a path below it, because vLLM's API key guards nothing else; set /v1.",
  ],
  [
    "a Route to what no API key guards",
    { routePath: "/" },
    "'routePath' (/) must be /v1 or a path below it, because vLLM's API key guards nothing else; set /v1.",
  ],
  [
    "a Route without an API key",
    { apiKeyEnabled: false },
    "'apiKeyEnabled' (false) must be true while 'routeEnabled' is true, or everybody who finds the Route can use the GPU; set it to true, or routeEnabled to false.",
  ],
  [
    "a Route timeout without unit",
    { routeTimeout: "600" },
    "'routeTimeout' (600) must be a whole number and a unit (us, ms, s, m, h or d); set a time such as 600s.",
  ],
  [
    "two GPUs with too little shared memory",
    { tensorParallelSize: 2 },
    "'sharedMemorySize' (1Gi) must be at least 2Gi while 'tensorParallelSize' is 2, because NCCL needs it; set 2Gi.",
  ],
  [
    "shared memory that is no quantity",
    { sharedMemorySize: "lots" },
    "'sharedMemorySize' (lots) must be a Kubernetes quantity above 0; set a size such as 2Gi.",
  ],
  [
    "a CPU limit that is no quantity",
    { resources: { limits: { cpu: "two" } } },
    "'resources.limits.cpu' (two) must be a Kubernetes quantity above 0; set a size such as 500m.",
  ],
  [
    "a request above its limit",
    { downloaderResources: { requests: { memory: "4Gi" }, limits: { memory: "3Gi" } } },
    "'downloaderResources.requests.memory' (4Gi) must be at most 'downloaderResources.limits.memory' (3Gi); set a smaller request or a larger limit.",
  ],
  [
    "a node selector that is no label",
    { nodeSelector: { "gpu product": "A10G" } },
    "'nodeSelector' (gpu product: A10G) must be a node's label and its value; set them as `oc get nodes --show-labels` shows them.",
  ],
  [
    "a toleration with Exists and a value",
    { tolerations: [{ key: "a", operator: "Exists", value: "b" }] },
    `'tolerations' ({"key":"a","operator":"Exists","value":"b"}) must have a value only with operator Equal, and a key unless the operator is Exists; set {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}.`,
  ],
  [
    "a probe that never fails",
    { startupProbe: { failureThreshold: 0 } },
    "'startupProbe.failureThreshold' (0) must be a whole number of at least 1; set 1 or more.",
  ],
  [
    "a negative delay",
    { livenessProbe: { initialDelaySeconds: -1 } },
    "'livenessProbe.initialDelaySeconds' (-1) must be a whole number of at least 0; set 0 or more.",
  ],
  [
    "a pause as long as the grace period",
    { preStopSleepSeconds: 60 },
    "'preStopSleepSeconds' (60) must be less than 'terminationGracePeriodSeconds' (60), or the pod is killed while it pauses; set a shorter pause or a longer grace period.",
  ],
  [
    "a pod that may fit no node for longer than a node is waited for",
    { unschedulableTimeoutSeconds: 601 },
    "'unschedulableTimeoutSeconds' (601) must be at most 'schedulingTimeoutSeconds' (600), which ends the wait for a node; set a shorter time or a longer limit.",
  ],
  [
    "a parser that is no name",
    { toolCallParser: "--hermes", modelId: "some/model" },
    "'toolCallParser' (--hermes) must be the name of a parser of vLLM while 'enableAutoToolChoice' is true; set hermes for Qwen2.5.",
  ],
];

describe("validate", () => {
  it("finds nothing wrong with the defaults", () => assert.deepEqual(sentences({}), []));

  for (const [what, args, sentence] of mistakes) {
    it(`refuses ${what}`, () => assert.deepEqual(sentences(args), [sentence]));
  }

  it("refuses a missing token and says how to set it", () => {
    const remedy =
      "set it with `pulumi config set --secret hfToken` (a read token from huggingface.co/settings/tokens)";
    assert.deepEqual(
      validate(resolveArgs("vllm", {})).map(({ reason }) => reason),
      [`'hfToken' must be set to download the model; ${remedy}.`],
    );
  });

  it("needs no token where nothing is downloaded", () => {
    assert.deepEqual(validate(resolveArgs("vllm", { modelSource: "existing" })), []);
  });

  it("accepts any size where the claim is not ours", () => {
    assert.deepEqual(sentences({ existingClaim: "models", createNamespace: false, pvcSize: "1Gi" }), []);
  });

  it("refuses a claim that cannot hold the model", () => {
    const [sentence, ...others] = sentences({ pvcSize: "1Gi" });
    assert.match(sentence ?? "", /^'pvcSize' \(1\.0 GiB\) must hold/);
    assert.deepEqual(others, []);
  });

  it("accepts a tool parser of another kind when tools are off", () => {
    assert.deepEqual(sentences({ enableAutoToolChoice: false, toolCallParser: "" }), []);
  });

  it("accepts two GPUs with the shared memory that they need", () => {
    assert.deepEqual(sentences({ tensorParallelSize: 2, sharedMemorySize: "2Gi" }), []);
  });

  for (const name of ["Vllm", "1vllm", "a".repeat(41), "v.llm"]) {
    it(`refuses the component name ${name}`, () => {
      const rule = "be a DNS label of at most 40 characters that starts with a letter; set a name such as vllm";
      assert.deepEqual(sentences({}, name), [`'name' (${name}) must ${rule}.`]);
    });
  }

  it("finds all mistakes at once, what does not fit included", () => {
    const found = validate(resolveArgs("vllm", { namespace: "A", pvcSize: "1Gi", routePath: "v1" }));
    assert.deepEqual(
      found.map(({ propertyPath }) => propertyPath),
      ["namespace", "hfToken", "routePath", "pvcSize"],
    );
  });

  it("says all of them in one message", () => {
    const text = problemsText(
      "the configuration of stack 'dev'",
      validate(resolveArgs("vllm", { hfToken: "x", namespace: "A", routePath: "v1" })),
    );
    assert.equal(
      text,
      "2 mistakes in the configuration of stack 'dev':\n" +
        "  - 'namespace' (A) must be a DNS label (a-z, 0-9 and -, at most 63 characters); set a name such as vllm-inference.\n" +
        "  - 'routePath' (v1) must be /v1 or a path below it, because vLLM's API key guards nothing else; set /v1.",
    );
  });
});
