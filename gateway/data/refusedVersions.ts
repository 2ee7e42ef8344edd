/** Releases of LiteLLM that were reported to carry malicious code. */
export const refusedVersions: readonly string[] = ["1.82.7", "1.82.8", "1.107.0"];
