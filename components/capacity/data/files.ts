/** What vLLM reads of a repository with safetensors in the Hub's layout, and no more. */
export const safetensorsOnly: readonly string[] = [
  "*.json",
  "*.safetensors",
  "*.jinja",
  "*.txt",
  "*.model",
  "tokenizer*",
  "LICENSE*",
];

/** The same weights again in other layouts, which repositories carry beside the safetensors. */
export const duplicates: readonly string[] = ["original/*", "metal/*", "consolidated*"];

/** Mistral's own layout beside the Hub's: with params.json there, newer versions of vLLM take it and want consolidated*. */
export const mistralDuplicates: readonly string[] = [...duplicates, "params.json"];

/**
 * What is left out of a model outside the list: formats that vLLM's default loader never takes. `*.bin`, `*.pt` and
 * `consolidated*` stay, because they may be the only weights there are.
 */
export const unlistedIgnorePatterns: readonly string[] = [
  "original/*",
  "metal/*",
  "*.pth",
  "*.gguf",
  "*.onnx",
  "*.h5",
  "*.msgpack",
];
