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

/** The same weights again in other layouts, which such repositories carry beside the safetensors. */
export const duplicates: readonly string[] = ["original/*", "metal/*", "consolidated*.safetensors"];

/**
 * What is left out of a model outside the list: formats that vLLM's default loader never takes. `*.bin`, `*.pt` and
 * `consolidated*.safetensors` stay, because they may be the only weights there are.
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
