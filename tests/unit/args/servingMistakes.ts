/** Each mistake in what the server is told, with the whole sentence. */
import type { PlainArgs } from "../../../components/args/content";

export type Args = Omit<PlainArgs, "cluster">;

export const modelRevision = "0123456789abcdef0123456789abcdef01234567";

export const mistakes: [string, Args, string][] = [
  [
    "a reasoning parser that is no name",
    { reasoningParser: "Qwen 3" },
    "'reasoningParser' (Qwen 3) must be the name of a reasoning parser of vLLM; set one such as qwen3, or leave it empty.",
  ],
  [
    "a type of the cache that none has",
    { image: "quay.io/a/b:1", kvCacheDtype: "fp88" },
    "'kvCacheDtype' (fp88) must be a type of the KV cache that a vLLM has; set fp8, or another of auto, bfloat16, float16, fp8, fp8_ds_mla, fp8_e4m3, fp8_e5m2, fp8_inc, fp8_per_token_head, int4_per_token_head, int8_per_token_head, nvfp4, nvfp4_4over6, nvfp4_ds_mla, turboquant_3bit_nc, turboquant_4bit_nc, turboquant_k3v4_nc, turboquant_k8v4, ultraquant_4bit.",
  ],
  [
    "a step smaller than the requests in it",
    { maxNumBatchedTokens: 64 },
    "'maxNumBatchedTokens' (64) must be a whole number of at least 'maxNumSeqs' (128), because each request takes a token of a step; set a larger number such as 8192, or leave it empty.",
  ],
  [
    "a slice that is misspelt",
    { gpuResource: "nvidia.com/mig-3g40gb" },
    "'gpuResource' (nvidia.com/mig-3g40gb) must be a resource that nodes offer GPUs as, of nvidia.com, amd.com, gpu.intel.com or habana.ai; set one such as nvidia.com/gpu or nvidia.com/mig-3g.40gb, as `oc describe node` shows it.",
  ],
  [
    "a resource that is no GPU",
    { gpuResource: "memory" },
    "'gpuResource' (memory) must be a resource that nodes offer GPUs as, of nvidia.com, amd.com, gpu.intel.com or habana.ai; set one such as nvidia.com/gpu or nvidia.com/mig-3g.40gb, as `oc describe node` shows it.",
  ],
  [
    "AMD's GPUs for an image of NVIDIA's",
    { gpuResource: "amd.com/gpu" },
    "'gpuResource' (amd.com/gpu) must be one of nvidia.com while 'image' (registry.redhat.io/rhaiis/vllm-cuda-rhel9:3) is made for cuda; set one such as nvidia.com/gpu, or the image for these GPUs.",
  ],
  [
    "a model over two slices",
    { gpuResource: "nvidia.com/mig-3g.40gb", tensorParallelSize: 2, sharedMemorySize: "2Gi" },
    "'tensorParallelSize' (2) must be 1 while 'gpuResource' is nvidia.com/mig-3g.40gb, because a server uses one slice alone; set 1 and a larger slice, or whole GPUs.",
  ],
  [
    "a priority class that cannot be a name",
    { priorityClassName: "High Priority" },
    "'priorityClassName' (High Priority) must be the name of a Kubernetes object (a-z, 0-9, - and .); set the object's name, or leave it empty.",
  ],
  [
    "foreign code for no reason",
    { trustRemoteCode: "true", modelRevision },
    "'trustRemoteCode' (true) must say in a sentence why the model's own code may run in the server; set one such as \"its attention is not in vLLM; modeling.py was read\", or leave it empty.",
  ],
  [
    "foreign code that may change",
    { trustRemoteCode: "its tokenizer was read by us", modelRevision: "main" },
    "'modelRevision' (main) must be a commit of 40 digits while 'trustRemoteCode' is set, so that no other code can come in its place; set the commit whose code was read.",
  ],
  [
    "a template's file that is not there",
    { chatTemplate: "no/such/file.jinja" },
    "'chatTemplate' (no/such/file.jinja) must be a template's text, or the path of a file that can be read, from the project's folder; set one such as templates/chat.jinja.",
  ],
  [
    "a template with a mark that is not closed",
    { chatTemplate: "{% for m in messages %}\n{{ m.content }\n{% endfor %}" },
    "'chatTemplate' must be a Jinja template ({{ of line 2 is not closed), because every request would fail; close it, and what stands in it.",
  ],
  [
    "a secret in a template, which is not shown",
    { chatTemplate: "{{ messages }} hf_abcdefghijklmnopqrstuv" },
    "'chatTemplate' must hold no secret (there is a Hugging Face token in it), because every reader of the namespace can see it; take it out of the template, and revoke it.",
  ],
  [
    "an adapter by the model's name",
    { loraAdapters: [{ name: "Qwen2.5-7B-Instruct-AWQ", modelId: "me/sql" }] },
    "'loraAdapters[0].name' (Qwen2.5-7B-Instruct-AWQ) must be another than the names of the model and of the other adapters; set another name.",
  ],
  [
    "an adapter whose name would end its path",
    { loraAdapters: [{ name: "a=b", modelId: "me/sql" }] },
    "'loraAdapters[0].name' (a=b) must be of letters, digits, ., _ and -; set a name such as sql.",
  ],
  [
    "an adapter without owner",
    { loraAdapters: [{ name: "sql", modelId: "sql" }] },
    "'loraAdapters[0].modelId' (sql) must be an adapter on the Hugging Face Hub, as owner/name; set the id that its page has.",
  ],
  [
    "an adapter twice",
    {
      loraAdapters: [
        { name: "a", modelId: "me/sql" },
        { name: "b", modelId: "me/sql" },
      ],
    },
    "'loraAdapters[1].modelId' (me/sql) must be another than those of the model and of the other adapters, because each has one place on the claim; set another adapter, or leave this one out.",
  ],
  [
    "an adapter's revision with spaces",
    { loraAdapters: [{ name: "sql", modelId: "me/sql", revision: "my branch" }] },
    "'loraAdapters[0].revision' (my branch) must be a commit, a tag or a branch; set a commit of the adapter, or leave it out.",
  ],
  [
    "an adapter of too high a rank",
    { loraAdapters: [{ name: "sql", modelId: "me/sql", rank: 1024 }] },
    "'loraAdapters[0].rank' (1024) must be a whole number from 1 to 512; set r as the adapter's adapter_config.json has it.",
  ],
  [
    "an argument that a key sets",
    { extraArgs: ["--seed", "7", "--max_model_len=4096"] },
    "'extraArgs[2]' (--max_model_len=4096) must be left to 'maxModelLen', which sets --max-model-len; set 'maxModelLen' instead.",
  ],
  [
    "an argument that a key sets, turned off",
    { extraArgs: ["--no-enforce-eager"] },
    "'extraArgs[0]' (--no-enforce-eager) must be left to 'enforceEager', which sets --enforce-eager; set 'enforceEager' instead.",
  ],
  [
    "another port",
    { extraArgs: ["--port", "9000"] },
    "'extraArgs[0]' (--port) must not be --port, because the probes, the Service and the Route ask port 8000 of the pod by HTTP; take it out.",
  ],
  [
    "a misspelt argument",
    { extraArgs: ["--enable-prefix-cachin"] },
    "'extraArgs[0]' (--enable-prefix-cachin) must be an argument of the image's vLLM (line 3.3, vLLM 0.13.0); take it out: no line has it. Did you mean '--enable-prefix-caching'?",
  ],
  [
    "an argument of a later line",
    { extraArgs: ["--performance-mode", "throughput"] },
    "'extraArgs[0]' (--performance-mode) must be an argument of the image's vLLM (line 3.3, vLLM 0.13.0); set an image of line 3.4, the first that has it (registry.redhat.io/rhaii/vllm-cuda-rhel9:3.4).",
  ],
  [
    "the beginning of a key's argument, where the line is unknown",
    { image: "quay.io/a/b:1", extraArgs: ["--max-model", "4096"] },
    "'extraArgs[0]' (--max-model) must be the whole name of a flag; set --max-model-len if that was meant, or take it out.",
  ],
  [
    "a short argument",
    { extraArgs: ["-tp", "2"] },
    "'extraArgs[0]' (-tp) must be a flag in its long form, so that it can be looked up; set it with two hyphens, as `vllm serve --help` lists it.",
  ],
  [
    "flag and value in one word",
    { extraArgs: ["--seed 7"] },
    `'extraArgs[0]' (--seed 7) must be one word, because nothing takes it apart; set flag and value as two words ("--seed", "7") or with =.`,
  ],
  [
    "a value without a flag",
    { extraArgs: ["7"] },
    "'extraArgs[0]' (7) must be a flag; set flags such as --seed, each before its value.",
  ],
  [
    "a secret among the arguments, which is not shown",
    { extraArgs: ["--otlp-traces-endpoint", "https://me:s3cret99x@collector.example.com"] },
    "'extraArgs[0]' must hold no secret (--otlp-traces-endpoint has a password in a URL), because every reader of the pod can see it; give it by 'env' from a Secret, where vLLM takes it so, and revoke this one.",
  ],
  [
    "the Hub for the server",
    { env: { HF_HUB_OFFLINE: "0" } },
    "'env.HF_HUB_OFFLINE' must be left as it is: the server reads the model from the claim alone, and asks no Hub; take 'HF_HUB_OFFLINE' out of 'env'.",
  ],
  [
    "what looks like a Service's",
    { env: { VLLM_SERVICE_HOST: "10.0.0.1" } },
    "'env.VLLM_SERVICE_HOST' must be left out: it looks like a Service's, which the pod is kept free of; take 'VLLM_SERVICE_HOST' out of 'env'.",
  ],
  [
    "the home of a restricted pod",
    { securityMode: "restricted", env: { HOME: "/root" } },
    "'env.HOME' must be left as it is while 'securityMode' is restricted: home and caches must lie on a volume; take 'HOME' out of 'env'.",
  ],
  [
    "what the line's program sets itself",
    { imageLine: "3.5", image: `quay.io/a/b@sha256:${"0".repeat(64)}`, env: { DO_NOT_TRACK: "0" } },
    "'env.DO_NOT_TRACK' must be left as it is: on line 3.5 this program sets it; take 'DO_NOT_TRACK' out of 'env'.",
  ],
  [
    "a variable that cannot be one",
    { env: { "MY-VAR": "1" } },
    "'env.MY-VAR' must be named as a variable is (letters, digits and _, no digit first); set a name such as VLLM_LOGGING_LEVEL.",
  ],
  [
    "a switch that no vLLM has",
    { env: { VLLM_LOGING_LEVEL: "DEBUG" } },
    "'env.VLLM_LOGING_LEVEL' (VLLM_LOGING_LEVEL) must be a switch of the image's vLLM (line 3.3, vLLM 0.13.0); take it out: no line has it. Did you mean 'VLLM_LOGGING_LEVEL'?",
  ],
  [
    "a secret as a plain value, which is not shown",
    { env: { OTEL_TOKEN: "s3cretvalue1" } },
    "'env.OTEL_TOKEN' must come from a Secret, because every reader of the pod can see it (a value in plain text); set {secretKeyRef: {name: <secret>, key: <key>}}, and revoke this one.",
  ],
  [
    "an empty value",
    { env: { MINE: "" } },
    "'env.MINE' must not be empty, because the API server drops it; set a value.",
  ],
  [
    "a Secret that cannot be one",
    { env: { OTEL_TOKEN: { secretKeyRef: { name: "My Secret", key: "token" } } } },
    "'env.OTEL_TOKEN.secretKeyRef.name' (My Secret) must be the name of a Secret (a-z, 0-9, - and .); set the Secret's name in the namespace.",
  ],
];
