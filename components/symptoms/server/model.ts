import { inTransformers, inVllm } from "../sources";
import { recorded, reported, type Row, setting } from "../symptom";

/** A model that the server cannot load: too new for the image, not whole, of another kind than the GPU or the arguments ask for. */
export const serverModelSymptoms = [
  {
    id: "server-remote-code",
    title: "the model brings code of its own, which the server may not run",
    sees: "server crashes: `trust_remote_code=True`",
    area: "server",
    patterns: [
      /contains custom code which must be executed|requires you to execute the (configuration|model|tokenizer|processor)? ?file/i,
      /(set|setting) (the option )?`?(`trust_remote_code=True`|trust_remote_code=True)/i,
    ],
    remedy:
      "use an image whose vLLM knows the model without it; where you have read the model's code and trust it, say why in `trustRemoteCode`, with the commit that you " +
      "read as `modelRevision`",
    command: setting("image", "<image>"),
    program: "runs a model's code only where `trustRemoteCode` says why",
    doom: "at-once",
    example:
      "ValueError: The repository /models-cache/x/y contains custom code which must be executed to correctly load the model.",
    source: recorded("vLLM 0.32.0"),
  },
  {
    id: "server-model-unknown",
    title: "this image's vLLM does not know the model",
    sees: "server crashes: `Model architectures … are not supported`, `does not recognize this architecture`",
    area: "server",
    patterns: [
      /Model architectures? .* (are|is) not supported/is,
      /does not recognize this architecture|Transformers does not recognize/i,
      /has no vLLM implementation/i,
      /Unrecognized configuration class/,
      /'?\w+Config'? object has no attribute|KeyError: 'rope_(type|theta|parameters)'|`?rope_(scaling|parameters)`?.* must (be a dictionary|have)/,
    ],
    remedy: "use an image with a newer vLLM (`image`), or a model that this one knows; the line names the architecture",
    mend: (text) => {
      const [, dropped, until] = /Model architecture (\S+) was supported in vLLM until (v[\d.]+)/.exec(text) ?? [];
      if (dropped !== undefined)
        return `vLLM has dropped '${dropped}' after ${until}: use an image of an older line (\`image\`), or another model`;
      const [, type] =
        /model type `([^`]+)`|[Aa]rchitectures \['([^']+)'/.exec(text)?.filter((each) => each !== undefined) ?? [];
      return (
        type && `this image's vLLM does not know '${type}': use an image of a newer line (\`image\`), or another model`
      );
    },
    command: setting("image", "<image>"),
    program: "lists models that the default image serves, with their needs",
    doom: "at-once",
    example:
      "  Value error, Model architectures ['Qwen9ForCausalLM'] are not supported for now. Supported architectures: dict_keys([])",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-tokenizer-version",
    title: "the model's tokenizer and the image's libraries do not fit together",
    sees: "server crashes: `Tokenizer has no attribute …`, `Tokenizer class … does not exist`",
    area: "server",
    patterns: [
      /Tokenizer\w*'? (object )?has no attribute/,
      /Tokenizer class \S+ does not exist|data did not match any variant of untagged enum/,
      /Couldn't instantiate the backend tokenizer|Converting from (Tiktoken|SentencePiece)[^\n]* failed/i,
      /cannot import name '\w+' from '(transformers|tokenizers|mistral_common)/,
    ],
    remedy:
      "use an image whose vLLM and transformers are as new as the model (`image`), or a revision of the model that fits this one (`modelRevision`)",
    command: setting("image", "<image>"),
    program: "pins the model's revision at the first download, so that a later change of it meets no running server",
    doom: "at-once",
    example: "AttributeError: Qwen2Tokenizer has no attribute all_special_tokens_extended.",
    source: recorded("vLLM 0.13.0, 0.18.0"),
  },
  {
    id: "server-gguf",
    title: "the model is a GGUF file, which this server does not load by itself",
    sees: "server crashes: a GGUF repository has no `config.json`",
    area: "server",
    patterns: [
      /gguf\S* does not appear to have a file named config\.json/i,
      /Wrong GGUF model|Could not find GGUF file|Unrecognised GGUF reference|GGUF model with architecture \S+ is not supported/,
    ],
    remedy: "set `modelId` to the model's repository with safetensors files (AWQ, GPTQ or FP8 where memory is short)",
    command: setting("modelId", "<owner>/<model>"),
    program: "reckons and downloads safetensors models; its presets are such",
    doom: "at-once",
    example: "OSError: /models-cache/unsloth/Q-GGUF does not appear to have a file named config.json.",
    source: reported(
      inTransformers("src/transformers/utils/hub.py"),
      inVllm("vllm/transformers_utils/gguf_utils.py", "0.13.0 to 0.18.0"),
    ),
  },
  {
    id: "server-model-missing",
    title: "the model's folder or one of its small files is not on the volume",
    sees: "server crashes: `does not appear to have a file named config.json`, `Repo id must be in the form`",
    area: "server",
    patterns: [
      /^(?!.*gguf).*does not appear to have a file named/im,
      /HFValidationError|Repo id must be in the form|Repo id must use alphanumeric/,
      /Invalid repository ID or local directory specified/i,
      /Can't load (the )?(configuration|tokenizer|config|image processor|feature extractor) (of|for) '/,
      /Unrecognized model in \S+\. Should have a `model_type` key/,
      /No such file or directory: '(?![^']*\/\.(config|cache))[^']*\.(json|safetensors|bin|model|jinja)'/,
    ],
    remedy:
      "start again with `redownload`, which fetches and verifies every file; with `modelSource` `existing`, correct `modelId` or `modelsPath`, or let the " +
      "pod's user read that folder",
    command: "npm run ops -- redownload --stack {stack}",
    program: "starts the server only once the download is verified; `redownload` begins anew",
    doom: "at-once",
    example:
      "huggingface_hub.errors.HFValidationError: Repo id must be in the form 'repo_name' or 'namespace/repo_name': '/models-cache/x/y'.",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-model-incomplete",
    title: "a file of the model on the volume is broken or cut short",
    sees: "server crashes: `SafetensorError`, a file of the model that cannot be read",
    area: "server",
    patterns: [
      /MetadataIncompleteBuffer|HeaderTooLarge|InvalidHeader(Deserialization|Length|Start)?|SafetensorError|incomplete metadata, file not fully covered/,
      /PytorchStreamReader failed|_pickle\.UnpicklingError|invalid load key|unexpected EOF, expected/i,
      // The length of a header that is none.
      /MemoryError \(in parse_safetensors_file_metadata\)/,
      /is not a valid JSON file/,
      // A header that is no JSON, as vLLM 0.32.0 refused it on a real node.
      /Value error, Expecting value: line \d+ column \d+ \(char \d+\)/,
      /version https:\/\/git-lfs\.github\.com|cloned a repository without having git-lfs/,
      /Following weights were not initialized from checkpoint|Weight files referenced in index but missing/,
      /Cannot find any (safetensors )?model weights/,
    ],
    remedy:
      "remove the model's directory and download it again: `redownload` verifies every file; `modelVerify: full` does so at each start",
    command: "npm run ops -- redownload --stack {stack}",
    program: "starts the server only once the download is verified; `redownload` begins anew",
    doom: "at-once",
    example: "safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-weights-unknown",
    title: "the weights are not those that this vLLM expects of the model",
    sees: "server crashes: `There is no module or parameter named …`, a KeyError of a layer",
    area: "server",
    patterns: [
      /There is no module or parameter named/,
      /KeyError: '(model\.|language_model\.|visual\.|lm_head|layers\.)[\w.]+'/,
      /Attempted to load weight \(.*\) into parameter|size mismatch for \S+: copying a param/s,
    ],
    remedy:
      "use an image with a newer vLLM (`image`), or the model's original repository: a conversion or an adapter names its layers otherwise",
    command: setting("image", "<image>"),
    program: "serves the repository's files as they are",
    doom: "at-once",
    example: "KeyError: 'model.layers.0.mlp.experts.w2_weight_scale'",
    source: reported(
      inVllm("vllm/model_executor/models/utils.py"),
      inVllm("vllm/model_executor/model_loader/weight_utils.py"),
    ),
  },
  {
    id: "server-dtype-quantization",
    title: "the model's quantisation does not take this number format",
    sees: "server crashes: `torch.bfloat16 is not supported for quantization method awq`",
    area: "server",
    patterns: [
      /torch\.\w+ is not supported for quantization method/,
      /only supports? (bfloat16|float16|half)[^\n]*quantiz/i,
    ],
    remedy: "set `dtype` to one that the line lists (AWQ and GPTQ take `float16`, MXFP4 `bfloat16`), or to `auto`",
    mend: (text) => {
      const [, method, list = ""] = /quantization method (\S+?)\. Supported dtypes: \[([^\]]*)/.exec(text) ?? [];
      const known = [...list.matchAll(/torch\.(\w+)/g)].map(([, word = ""]) => `\`${word}\``);
      return known.length === 0
        ? undefined
        : `set \`dtype\` to ${known.join(" or ")}, which ${method ?? "the quantisation"} takes`;
    },
    command: setting("dtype", "<dtype>"),
    program: "leaves `dtype` to the model by default",
    doom: "at-once",
    example:
      "ValueError: torch.bfloat16 is not supported for quantization method awq. Supported dtypes: [torch.float16]",
    source: reported(inVllm("vllm/config/vllm.py")),
  },
  {
    id: "server-dtype-model",
    title: "the model does not work in this number format",
    sees: "server crashes: `The model type … does not support float16`",
    area: "server",
    patterns: [
      /The model type '?[\w-]+'? does not support (float16|bfloat16|half)/,
      /expected (mat1 and mat2 to have the same dtype|scalar type \w+ but found)/,
    ],
    remedy:
      "set `dtype` to `bfloat16`, or leave it on `auto`; a GPU without bfloat16 (compute capability below 8.0) cannot serve this model",
    command: setting("dtype", "bfloat16"),
    program: "leaves `dtype` to the model by default",
    doom: "at-once",
    example: "  Value error, The model type 'gemma3' does not support float16. Reason: Numerical instability.",
    source: recorded("vLLM 0.32.0"),
  },
  {
    id: "server-lora",
    title: "an adapter does not fit the model or its limits",
    sees: "server crashes: `LoRA rank … is greater than max_lora_rank`",
    area: "server",
    patterns: [
      /LoRA rank \d+ is greater than max_lora_rank|does not support LoRA|Loading lora \S+ failed: No adapter found for|is unsupported LoRA weight/i,
      /expected target modules in .* but received/i,
    ],
    remedy: "take another adapter in `loraAdapters`, or where the line names a rank, set that as the adapter's `rank`",
    mend: (text) => {
      const [, rank] = /LoRA rank (\d+) is greater than max_lora_rank/.exec(text) ?? [];
      return rank && `set \`rank\` of the adapter in \`loraAdapters\` to ${rank}, as its adapter_config.json says`;
    },
    command: "pulumi config --stack {stack}",
    program: "passes adapters only where the configuration names them",
    doom: "at-once",
    example: "ValueError: LoRA rank 64 is greater than max_lora_rank 16.",
    source: reported(inVllm("vllm/lora/peft_helper.py"), inVllm("vllm/lora/utils.py")),
  },
] as const satisfies readonly Row[];
