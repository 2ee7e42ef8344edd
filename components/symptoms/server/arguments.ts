import { nearest } from "../nearest";
import { at, inVllm } from "../sources";
import { recorded, reported, type Row, setting } from "../symptom";

/** A server that refuses what it was told. */
export const serverArgumentSymptoms = [
  {
    id: "server-vllm-port",
    title: "a Service's variables are read as the server's port",
    sees: "server crashes: `VLLM_PORT` parse error",
    area: "server",
    patterns: [
      /VLLM_PORT\b.*(appears to be a URI|tcp:\/\/|must be a valid integer)/s,
      /invalid literal for int\(\).*tcp:\/\//i,
    ],
    remedy: "the pod needs `enableServiceLinks: false`; remove what overrides it",
    command: "pulumi up --refresh --stack {stack}",
    program: "sets `enableServiceLinks: false`; `doctor` finds what overrides it",
    doom: "at-once",
    example: "ValueError: VLLM_PORT 'tcp://172.30.1.2:8000' appears to be a URI",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-unknown-argument",
    title: "the server does not know one of its arguments",
    sees: "server crashes: `unrecognized arguments`",
    area: "server",
    patterns: [
      /error: unrecognized arguments?:/i,
      /error: argument -{1,2}[\w/ ,-]+: expected /i,
      /error: ambiguous option:/,
    ],
    remedy: "take the argument that it names out of the stack config, or use an image whose vLLM has it",
    command: "pulumi config --stack {stack}",
    program: "writes each argument itself, from checked configuration",
    doom: "at-once",
    example: "api_server.py: error: unrecognized arguments: --shutdown-timeout 30",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-unknown-parser",
    title: "the server does not know this tool-call or reasoning parser",
    sees: "server crashes: `invalid tool call parser`, `Reasoning parser … not found`",
    area: "server",
    patterns: [
      /invalid (tool call|reasoning) parser: /i,
      /\b(Tool|Reasoning) parser '[^']*' not found|\bParser '[^']*' not found\. Available parsers/,
    ],
    remedy: "set the parser to one that this image's vLLM has (`toolCallParser` for tool calls), or use a newer image",
    mend: (text) => {
      const [, given = ""] = /parser:? '?([\w.-]+)'?/i.exec(text.replace(/invalid (tool call|reasoning) /i, "")) ?? [];
      const [, list = ""] = /(?:chose from \{|Available parsers:)\s*([^}"]*)/.exec(text) ?? [];
      const near = nearest(
        given,
        list
          .split(",")
          .map((each) => each.trim())
          .filter((each) => each !== ""),
      );
      return (
        near &&
        `this image's vLLM has no parser '${given}', the nearest that it has is '${near}': set that one, or use a newer image`
      );
    },
    command: setting("toolCallParser", "<parser>"),
    program: "refuses another tool-call parser than the one of the model's family at preview",
    doom: "at-once",
    example: "KeyError: 'invalid tool call parser: hermes3 (chose from { hermes,llama3_json,mistral })'",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-unknown-value",
    title: "the server does not know a value of one of its arguments",
    sees: "server crashes: `invalid choice`, `Input should be …`",
    area: "server",
    patterns: [
      /error: argument -{1,2}[\w/ ,-]+: invalid/i,
      /Input should be .*\[type=(literal_error|enum|bool_parsing|int_parsing)/s,
      /\bUnknown dtype: |Unrecognized distributed executor backend|Load format `[^`]*` is not supported|Invalid value '[^']*' (for|in) \w+\. Valid options/,
    ],
    remedy: "correct the value that it names in the stack config; the line lists those that this image's vLLM has",
    mend: (text) => {
      const [, given = ""] = /invalid choice: '([^']+)'|input_value='([^']+)'/.exec(text)?.filter((each) => each) ?? [];
      const known = [
        ...(/choose from (.*?)\)?$|Input should be (.*?) \[/m.exec(text)?.[0] ?? "").matchAll(/'([^']+)'/g),
      ];
      const near = nearest(
        given,
        known.map(([, word = ""]) => word),
      );
      return (
        near &&
        `this image's vLLM does not know '${given}', the nearest that it has is '${near}': correct it in the stack config`
      );
    },
    command: "pulumi config --stack {stack}",
    program: "checks each value at preview as far as it is the same for every image",
    doom: "at-once",
    example: "api_server.py: error: argument --dtype: invalid choice: 'fp16' (choose from 'auto', 'half', 'float16')",
    source: recorded("vLLM 0.32.0"),
  },
  {
    id: "server-unknown-quantization",
    title: "this image's vLLM does not know the model's quantisation",
    sees: "server crashes: `Unknown quantization method`",
    area: "server",
    patterns: [
      /Unknown quantization method: /,
      /No quantization config found for|Unknown quantization (config|strategy)/i,
    ],
    remedy:
      "use an image with a newer vLLM (`image`), or a model of another quantisation; the line lists those that it knows",
    mend: (text) => {
      const [, given = "", list = ""] =
        /Unknown quantization method: (\S+?)\. Must be one of \[([^\]]*)/s.exec(text) ?? [];
      const near = nearest(
        given,
        [...list.matchAll(/'([^']+)'/g)].map(([, word = ""]) => word),
      );
      return given === ""
        ? undefined
        : `this image's vLLM has no quantisation '${given}'${near ? ` (the nearest that it has is '${near}')` : ""}: use a newer \`image\`, or a model of another quantisation`;
    },
    command: setting("image", "<image>"),
    program: "leaves the quantisation to the model's own config.json",
    doom: "at-once",
    example: "  Value error, Unknown quantization method: superq9. Must be one of ['awq', 'fp8', 'gptq'].",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-quantization-mismatch",
    title: "the server was told another quantisation than the model's",
    sees: "server crashes: `does not match the quantization method specified in the `quantization` argument`",
    area: "server",
    patterns: [/does not match the quantization method specified in the `?quantization`? argument/],
    remedy: "take `--quantization` out of `extraArgs`: the model's own config.json says it",
    command: "pulumi config --stack {stack}",
    program: "passes no `--quantization` of its own",
    doom: "at-once",
    example:
      "  Value error, Quantization method specified in the model config (awq) does not match the quantization method specified in the `quantization` argument (gptq).",
    source: reported(inVllm("vllm/config/model.py")),
  },
  {
    id: "server-parser-tokens",
    title: "the parser is another model's",
    sees: "server crashes: `--tool-call-parser … cannot be used with the tokenizer`",
    area: "server",
    patterns: [
      /--tool-call-parser \S+ cannot be used with the tokenizer/i,
      /could not locate .* tokens? .*in the tokenizer/i,
      /The tokenizer must be an instance of MistralTokenizer|Detected a MistralTokenizer tokenizer when using/,
    ],
    remedy: "set `toolCallParser`, or `reasoningParser` where the line names that, to the model's own",
    command: setting("toolCallParser", "<parser>"),
    program: "refuses another parser than the one of the model's family at preview",
    doom: "at-once",
    example:
      "TypeError: --tool-call-parser llama3_json cannot be used with the tokenizer of '/models-cache/Qwen/Qwen2.5-7B-Instruct-AWQ'",
    source: recorded("vLLM 0.32.0"),
  },
  {
    id: "server-chat-template",
    title: "the chat template that the server was told is not there",
    sees: "server crashes: `the supplied chat template path doesn't exist`",
    area: "server",
    patterns: [/supplied chat template (path doesn't exist|string \(.*\) appears path-like)/],
    remedy:
      "something other than `chatTemplate` has told the server where its template is: set that, which mounts it, and take back the change",
    command: setting("chatTemplate", "<file>"),
    program: "mounts the template of `chatTemplate`, and leaves it to the model by default",
    doom: "at-once",
    example: "FileNotFoundError: the supplied chat template path doesn't exist",
    source: reported(
      inVllm("vllm/entrypoints/chat_utils.py", "0.13.0 to 0.24.0"),
      inVllm("vllm/renderers/chat_utils.py", "0.32.0"),
    ),
  },
  {
    id: "server-context-too-long",
    title: "the context is longer than the model's own",
    sees: "server crashes: `max_model_len … is greater than the derived max_model_len`",
    area: "server",
    patterns: [/max[_ ]model[_ ]len.*greater than the derived/is],
    remedy: "lower `maxModelLen` to the model's `max_position_embeddings`",
    mend: (text) => {
      const [, own] = /(?:max_position_embeddings|max_seq_len|n_positions|model_max_length)=(\d+)/.exec(text) ?? [];
      return own && `lower \`maxModelLen\` to ${own}, the model's own`;
    },
    command: setting("maxModelLen", "<tokens>"),
    program: "refuses it at preview, where it knows the model",
    doom: "at-once",
    example:
      "User-specified max_model_len (65536) is greater than the derived max_model_len (max_position_embeddings=32768)",
    source: recorded("vLLM 0.13.0, 0.18.0, 0.24.0, 0.32.0"),
  },
  {
    id: "server-batched-tokens",
    title: "the tokens of one batch are fewer than a request may have",
    sees: "server crashes: `max_num_batched_tokens … is smaller than max_model_len`",
    area: "server",
    patterns: [
      /max_num_batched_tokens \(\d+\) (is smaller than|must be greater)/,
      /is larger than max_num_batched_tokens \(\d+\)|increas\w+ max_num_batched_tokens or decreas\w+ num_speculative_tokens/i,
    ],
    remedy:
      "raise `maxNumBatchedTokens` to `maxModelLen` at least, or lower `maxModelLen` (or `maxNumSeqs`, where the line names that)",
    mend: (text) => {
      const [, batch, context] =
        /max_num_batched_tokens \((\d+)\) is smaller than max_model_len \((\d+)\)/.exec(text) ?? [];
      return batch && `raise \`maxNumBatchedTokens\` from ${batch} to ${context}, or lower \`maxModelLen\` to ${batch}`;
    },
    command: setting("maxModelLen", "<tokens>"),
    program: "leaves `maxNumBatchedTokens` to vLLM by default, which then splits a long prompt",
    doom: "at-once",
    example: "  Value error, max_num_batched_tokens (2048) is smaller than max_model_len (32768).",
    source: reported(inVllm("vllm/config/scheduler.py")),
  },
  {
    id: "server-not-divisible",
    title: "the model cannot be split over that many GPUs",
    sees: "server crashes: `must be divisible by tensor parallel size`",
    area: "server",
    patterns: [
      /must be divisible by tensor parallel size/i,
      /not aligned with the quantized weight shape|too large tensor parallel size|is not divisible by min_thread/i,
      /AssertionError: \d+ is not divisible by \d+/,
    ],
    remedy: "set `tensorParallelSize` to a number that divides the model's attention heads (1, 2, 4 or 8 for most)",
    mend: (text) => {
      const [, heads, gpus] =
        /attention heads \((\d+)\) must be divisible by tensor parallel size \((\d+)\)/.exec(text) ?? [];
      if (heads === undefined) return undefined;
      const fits = [16, 8, 4, 2, 1].filter((each) => each <= Number(gpus) && Number(heads) % each === 0);
      return `the model has ${heads} attention heads: set \`tensorParallelSize\` to a number that divides them, such as ${fits.slice(0, 2).join(" or ")}`;
    },
    command: setting("tensorParallelSize", "<gpus>"),
    program: "refuses it at preview, where it knows the model's heads",
    doom: "at-once",
    example: "  Value error, Total number of attention heads (28) must be divisible by tensor parallel size (8).",
    source: reported(inVllm("vllm/config/model.py")),
  },
  {
    id: "server-config-refused",
    title: "vLLM refuses its configuration",
    sees: "server crashes: `validation error for …Config`",
    area: "server",
    patterns: [/\d+ validation errors? for \w*Config\b/, /^ {2}Value error, /m],
    remedy: "the line says which argument and why: correct it in the stack config, or use an image whose vLLM takes it",
    command: "pulumi config --stack {stack}",
    program: "refuses at preview what no vLLM would take",
    doom: "at-once",
    vague: true,
    example: "pydantic_core._pydantic_core.ValidationError: 1 validation error for VllmConfig",
    source: reported(
      at("pydantic's ValidationError, of a class in vllm/config", "https://docs.pydantic.dev/latest/errors/errors/"),
    ),
  },
] as const satisfies readonly Row[];
