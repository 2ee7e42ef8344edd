/** How long a pod of LiteLLM may finish the answers that it has begun, once it is to stop. */
export const stopSeconds = 300;
/** How long new pods may take to be Ready before `up` gives up. */
export const readySeconds = 600;
