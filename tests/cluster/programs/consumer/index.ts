// What another stack does with this one's outputs.
import * as pulumi from "@pulumi/pulumi";

const inference = new pulumi.StackReference("organization/vllm-inference/test");
export const url = inference.requireOutput("routeUrl");
export const names = inference.requireOutput("servedModelNames");
