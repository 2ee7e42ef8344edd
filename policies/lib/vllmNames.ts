/** Names that are vLLM's alone, and those of other servers. */
import { everKnown } from "../../components/images/known";
import recorded from "../data/vllm.json";

/** Variables of vLLM; a client may have VLLM_API_KEY, VLLM_PORT or VLLM_HOST_IP as well, so those are not among them. */
const variables = new Set(recorded.environment);

export function isVllmVariable(name: string): boolean {
  return variables.has(name);
}

const flags = new Set(recorded.flags);
const everyFlag = new Set([...everKnown("flags"), ...flags, "--help", "--version"]);

/** `--max-model-len` of `--max_model_len=4096`. */
function flagName(word: string): string {
  return (word.split("=")[0] ?? "").replaceAll("_", "-");
}

/** The flag's name, where it is one that only vLLM has. */
export function vllmFlag(word: string): string | undefined {
  const name = flagName(word);
  return flags.has(name) ? name : undefined;
}

/** Whether it is a flag that no version of vLLM has: neither by itself, nor switched off, nor with a part of its value as `--name.part`. */
export function isForeignFlag(word: string): boolean {
  const name = flagName(word).split(".")[0] ?? "";
  return /^--[a-z]/i.test(name) && !everyFlag.has(name) && !everyFlag.has(name.replace(/^--no-/, "--"));
}

/** Flags that several servers of language models have. */
const common =
  /^--(?:model|served[-_]model[-_]name|tensor[-_]parallel[-_]size|dtype|tokenizer|quantization|tool[-_]call[-_]parser|reasoning[-_]parser|pipeline[-_]parallel[-_]size)(?:=|$)|^-tp$/;

export function isModelFlag(word: string): boolean {
  return common.test(word);
}

/** Programs whose purpose is known and not vLLM: other servers, tools, and what only waits or prepares. */
const programs = new Set(
  (
    "tritonserver text-generation-launcher text-generation-server text-embeddings-router ollama llama-server llama-cpp-server local-ai " +
    "sglang trtllm-serve mpirun ray serve torchserve tensorflow_model_server mlserver bentoml lmdeploy aphrodite mistralrs-server infinity_emb " +
    "uvicorn gunicorn hypercorn fastapi flask django-admin streamlit gradio chainlit panel litellm open-webui node npm npx yarn java " +
    "nginx httpd caddy envoy haproxy traefik php-fpm ruby rails jupyter jupyter-lab jupyterhub-singleuser jupyterhub code-server tensorboard mlflow airflow " +
    "celery postgres redis-server mongod dcgm-exporter node_exporter prometheus grafana lmcache lmcache_server lmcache_controller mooncake_master vllm-router guidellm genai-perf " +
    "lm_eval lm-eval pytest locust k6 wrk ab nvidia-smi rocm-smi hl-smi amd-smi nvcc hf huggingface-cli git git-lfs curl wget aws gsutil gcloud az " +
    "mc s3cmd s5cmd rclone oras skopeo rsync tar unzip gzip pip pip3 apt apt-get dnf yum microdnf apk conda mamba kubectl oc helm " +
    "sleep pause tail cat tee head cp mv rm ln ls mkdir rmdir touch chmod chown chgrp stat find grep sed awk cut sort wc date echo printf true false test [ [[ : cd " +
    "set unset export declare local readonly source . trap wait kill pkill read exit return shift umask ulimit hostname id whoami env printenv df du free " +
    "ps top nproc lscpu which type dirname basename seq xargs nc ncat socat dig nslookup ping getent sshd sysctl ldconfig mount jq yq envsubst openssl base64 md5sum sha256sum"
  ).split(" "),
);

export function isOtherProgram(name: string): boolean {
  return programs.has(name);
}

/** Modules and programs that serve models, and are not vLLM's server; some run vLLM's engine behind an API of their own. */
const otherServer =
  /^(?:huggingfaceserver|sglang|text_generation_server|tensorrt_llm|llama_cpp|fastchat|lmdeploy|mlserver|xinference|infinity_emb|lightllm|aphrodite|dynamo|tritonserver|text-generation-launcher|text-embeddings-router|ollama|llama-server|trtllm-serve)(?:\.|$)/;

/** Whether the program, or the module that Python runs, is another server of models. */
export function isOtherServer(name: string): boolean {
  return otherServer.test(name);
}

/** Parts of a repository's path that name another product; the whole of a part or of what stands between its dashes. */
const products =
  /(?:^|[/_-])(?:triton|tritonserver|nim|sglang|tgi|text-generation-inference|text-embeddings-inference|tei|whisper\w*|speaches|ray|ray-ml|ray-llm|ollama|llama[.-]?cpp|llamacpp|localai|local-ai|lmdeploy|tensorrt|trtllm|tensorrt-?llm|torchserve|pytorch-serve|mlserver|bentoml|openvino\w*|ovms|comfyui|stable-diffusion\w*|sdxl|diffusers|invokeai|jupyter\w*|notebook|notebooks|workbench|code-server|dcgm\w*|xinference|infinity|gpustack|llamafile|llama-swap|wyoming-\w+|kokoro\w*|riva|deepstream|tabby|tabbyapi|koboldcpp|aphrodite\w*|exllama\w*|mistral\.?rs|text-generation-webui|open-webui|litellm|gradio\w*|streamlit|yolo\w*|caikit)(?:$|[/_.-])/i;

export function isOtherImage(repository: string): boolean {
  return products.test(repository);
}

/** What may stand beside `vllm` in the name of an image that is the server: its accelerator, its base, its kind. */
const beside =
  /^(?:vllm|openai|cuda\d*|rocm|gaudi\d?|hpu|cpu|tpu|xpu|neuron|spyre|power|z|rhel\d+|ubi\d*|gh200|arm64|aarch64|amd64|x86|nightly|dev|base|release|repo|server|serving|inference|engine|runtime|image|tgis|adapter)$/i;

/** `own`: its start is known to be vLLM's server. `named`: it is named after vLLM and after nothing else. */
export function vllmImage(repository: string): "own" | "named" | undefined {
  const name = repository.split("/").at(-1) ?? "";
  if (isRhaiis(repository) || /^vllm-openai(?:-(?:cpu|rocm|cuda\d*|gh200|nightly))?$/.test(name)) return "own";
  const parts = name.split(/[-_.]/);
  return parts.includes("vllm") && parts.every((part) => beside.test(part)) ? "named" : undefined;
}

const rhaiis = /(?:^|\/)rhaii(?:s)?\/[^/]*vllm|(?:^|\/)vllm-[a-z]+-rhel\d+$/;

export function isRhaiis(repository: string): boolean {
  return rhaiis.test(repository);
}
