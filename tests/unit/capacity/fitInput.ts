/** What the check of the fit is asked in these tests, where they say nothing else. */
import type { Serving } from "../../../components/capacity/memory";
import type { FitInput } from "../../../components/capacity/fitProblems";

/** As the defaults of a stack have it. */
export const serving: Serving = {
  tensorParallelSize: 1,
  pipelineParallelSize: 1,
  maxModelLen: 32_768,
  maxNumSeqs: 128,
  gpuMemoryUtilization: 0.9,
  dtype: "auto",
};

export const fitInput: Omit<FitInput, "modelId" | "gpuModel" | "pvcSizeBytes"> = {
  ...serving,
  dtype: "auto",
  enforceEager: true,
  toolCallParser: "hermes",
  enableAutoToolChoice: true,
  servedModelNames: ["qwen"],
};
