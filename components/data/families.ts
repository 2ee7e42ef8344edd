import type { ModelFamily } from "../models";

export const qwen25: ModelFamily = { name: "Qwen2.5", toolCallParsers: ["hermes"], sources: [] };
