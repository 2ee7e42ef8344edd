/** What the server is told about its model, besides where it lies. */

/** An adapter on top of the model, downloaded and verified as the model is. */
export interface LoraAdapter {
  /** Name by which clients ask for it. */
  name: string;
  /** Adapter on the Hugging Face Hub, as `owner/name`. */
  modelId: string;
  /** Commit, tag or branch; unset means the Hub's main branch. */
  revision?: string;
  /** `r` in its adapter_config.json, up to 512. Unset counts as 16, vLLM's own default: it refuses an adapter of a higher rank. */
  rank?: number;
}

/** A key of a Secret in the namespace. */
export interface SecretKeyRef {
  secretKeyRef: { name: string; key: string };
}

/** Arguments and environment of the server. */
export interface ServingArgs {
  /**
   * Names besides the model id by which clients may ask for the model; empty means one alias without a slash.
   * @change restarts
   */
  servedModelNames?: string[];
  /** Longest context in tokens. Claude Code's first request alone has about 24,000. @change restarts */
  maxModelLen?: number;
  /** Type of weights and activations: `auto`, `half`, `float16`, `bfloat16`, `float` or `float32`. @change restarts */
  dtype?: string;
  /** How many requests are computed at once. @change restarts */
  maxNumSeqs?: number;
  /** Share of each GPU's memory that the server takes, above 0 and up to 1. @change restarts */
  gpuMemoryUtilization?: number;
  /** GPUs over which the model is split; as many are asked for. @change restarts */
  tensorParallelSize?: number;
  /** Whether CUDA graphs are off: starts faster, answers slower. @change restarts */
  enforceEager?: boolean;
  /** Whether the model may decide to call tools; needs `toolCallParser`. @change restarts */
  enableAutoToolChoice?: boolean;
  /** Parser that fits the model's way of writing tool calls: `hermes` for Qwen2.5. @change restarts */
  toolCallParser?: string;
  /**
   * Parser that takes the model's thoughts out of its answers, such as `qwen3`; empty means that they stay in them.
   * @change restarts
   */
  reasoningParser?: string;
  /** Type of the KV cache: `auto` is the model's own; `fp8` halves what a token takes, and answers a little worse. @change restarts */
  kvCacheDtype?: string;
  /**
   * Tokens that are computed in one step, at least `maxNumSeqs`; empty means vLLM's own choice. More answers long prompts sooner and takes memory.
   * @change restarts
   */
  maxNumBatchedTokens?: number;
  /**
   * The chat template in place of the model's own: its text (Jinja), or the path of a file with it, from the project's folder. It goes into
   * the ConfigMap `<name>-chat-template`.
   * @change restarts, also where only the file's content has changed
   */
  chatTemplate?: string;
  /**
   * Why code out of the model's repository may run in the server; empty means that it may not. It needs a commit as `modelRevision`, so that
   * what runs is what was read.
   * @change restarts; only other words for the reason change nothing
   */
  trustRemoteCode?: string;
  /**
   * LoRA adapters: each a `name` by which clients ask for it, a `modelId` on the Hub, and where they differ from the defaults, `revision` and
   * `rank`. All can be in one batch, so each takes GPU memory for the highest rank.
   * @change restarts, and downloads new ones
   */
  loraAdapters?: LoraAdapter[];
  /**
   * More arguments of vLLM's, as words (`--seed`, `7`). What another key sets, and what would break the probes, the Route or the GPUs asked
   * for is refused, and so is what the image's vLLM does not know.
   * @change restarts
   */
  extraArgs?: string[];
  /**
   * More environment of the server: a map from names to texts, or to `{secretKeyRef: {name, key}}` for a Secret's key.
   * @change restarts; another value inside the Secret does not
   */
  env?: Record<string, string | SecretKeyRef>;
}
