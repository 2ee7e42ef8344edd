"""A model from Python, by the SDK that `pulumi package add` makes."""

import os

import pulumi
import pulumi_vllm_inference as vllm

model = vllm.VllmInference(
    "vllm",
    cluster={"context": os.environ["TEST_CONTEXT"], "kubeconfig": os.environ["TEST_KUBECONFIG"]},
    namespace=os.environ["TEST_NAMESPACE"],
    hf_token=pulumi.Output.secret(os.environ["TEST_TOKEN"]),
)
pulumi.export("url", model.route_url)
pulumi.export("names", model.served_model_names)
