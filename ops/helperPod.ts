/** Label of every pod that these commands make; its value is the command. */
export const helperLabel = "vllm-inference/ops";
/** Finds them all. */
export const helperSelector = helperLabel;
