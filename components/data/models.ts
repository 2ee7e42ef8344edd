import type { ModelPreset } from "../models";
import { qwen25Models } from "./qwen25";

export const modelPresets: readonly ModelPreset[] = [...qwen25Models];
