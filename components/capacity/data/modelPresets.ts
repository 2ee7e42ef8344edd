import type { ModelPreset } from "../types";
import { gemmaModels } from "./gemma";
import { glmModels } from "./glm";
import { graniteModels } from "./granite";
import { hybridModels } from "./hybrid";
import { latentModels } from "./latent";
import { llamaModels } from "./llama";
import { gptOssModels, mistralModels, otherModels } from "./others";
import { qwen25Models } from "./qwen25";
import { qwen3Models } from "./qwen3";

export const modelPresets: readonly ModelPreset[] = [
  ...qwen25Models,
  ...qwen3Models,
  ...hybridModels,
  ...llamaModels,
  ...mistralModels,
  ...graniteModels,
  ...gemmaModels,
  ...glmModels,
  ...gptOssModels,
  ...otherModels,
  ...latentModels,
];
