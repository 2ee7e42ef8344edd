/** What is said of a model and of a GPU: the types of the data, of its readers and of the arithmetic. */

/** How the weights are stored. `none` is the checkpoint's own 16-bit floats. */
export type Quantization = "none" | "awq" | "fp8" | "mxfp4";

/** What a layer keeps of a token: keys and values of so many heads. */
export interface Heads {
  /** num_global_key_value_heads */
  readonly kvHeads: number;
  /** global_head_dim */
  readonly headSize: number;
}

/**
 * Which of a sequence's tokens a layer keeps in the KV cache. The simple formula (2 × layers × KV heads × head size × bytes)
 * is right for `full` alone; memory.ts says what the others change.
 */
export type Attention =
  | { readonly kind: "full" }
  /** `layers` of the model keep only the last `window` tokens, the rest keep all: with heads of their own where `full` says so. */
  | { readonly kind: "sliding"; readonly window: number; readonly layers: number; readonly full?: Heads }
  /**
   * Hybrid: `layers` of the model keep all tokens, the rest (linear attention, Gated DeltaNet) none: each keeps a state of `stateBytes` for a
   * sequence, however long it is.
   */
  | { readonly kind: "hybrid"; readonly layers: number; readonly stateBytes: number }
  /**
   * Multi-head latent attention: one compressed vector of `rank + ropeSize` numbers a layer, on every GPU in full; sparse attention keeps
   * `indexBytes` for each token beside it.
   */
  | { readonly kind: "latent"; readonly rank: number; readonly ropeSize: number; readonly indexBytes?: number };

/** The figures of a model that its memory follows from, named as in its config.json where that has a name for them. */
export interface ModelFigures {
  /** num_hidden_layers */
  readonly layers: number;
  /** hidden_size */
  readonly hiddenSize: number;
  /** num_attention_heads */
  readonly attentionHeads: number;
  /** num_key_value_heads */
  readonly kvHeads: number;
  /** head_dim, or hidden_size ÷ num_attention_heads where the file has none */
  readonly headSize: number;
  /** intermediate_size of the dense layers */
  readonly intermediateSize: number;
  /** vocab_size */
  readonly vocabSize: number;
  /** The longest context that vLLM derives from config.json: max_position_embeddings, stretched by rope_scaling if it has one. */
  readonly maxContext: number;
  /** Bytes of the safetensors files that are loaded. */
  readonly weightBytes: number;
  /** Bytes of the weights in GPU memory, where a vLLM log says more than the files have: kernels want padding. */
  readonly loadedBytes?: number;
  readonly quantization: Quantization;
  /** Columns that share a scale: a tensor-parallel shard must be a multiple of it. */
  readonly quantizationGroup?: number;
  /** torch_dtype: what `--dtype auto` means. */
  readonly dtype: "bfloat16" | "float16";
  readonly attention: Attention;
  /** Mixture of experts: experts per token and each one's intermediate size. */
  readonly experts?: { readonly perToken: number; readonly intermediateSize: number };
}

/** A page that was opened and read, and when. */
export interface Source {
  readonly of: string;
  readonly url: string;
  readonly read: string;
}

/** What holds for every model of a family: how it is told to call tools. */
export interface ModelFamily {
  readonly name: string;
  /** Values of `--tool-call-parser` that fit, the best first; empty where vLLM has none for this family. */
  readonly toolCallParsers: readonly string[];
  /** What the chat template needs beyond what the model's repository carries. */
  readonly chatTemplate?: string;
  readonly sources: readonly Source[];
}

/** A model of the list. */
export interface ModelPreset extends ModelFigures {
  /** `owner/name` on the Hugging Face Hub. */
  readonly id: string;
  readonly family: ModelFamily;
  /** The same for a model and its quantised siblings. */
  readonly base: string;
  /** Files to fetch, as `huggingface_hub` patterns. */
  readonly allowPatterns: readonly string[];
  readonly ignorePatterns: readonly string[];
  /** What is known to go wrong with it. */
  readonly limits: readonly string[];
  readonly sources: readonly Source[];
}

/** A GPU model as CUDA and the GPU operator report it. */
export interface GpuModel {
  readonly name: string;
  /** Values of the node label `nvidia.com/gpu.product` that mean this GPU. */
  readonly products: readonly string[];
  /** What CUDA reports as total memory: less than the name says, and what `--gpu-memory-utilization` is a part of. */
  readonly memoryGiB: number;
  /** Of a slice, whose exact size is not known: what it has at most. */
  readonly mostGiB?: number;
  readonly computeCapability: number;
  /** Whether it can be cut into MIG slices: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html */
  readonly slices?: true;
  readonly sources: readonly Source[];
}
