/** Arguments that are Outputs of the program's own objects. */
import assert from "node:assert/strict";
import * as core from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { createProvider } from "../../components/cluster/provider";
import { VllmInference } from "../../components/vllmInference";
import { named, runProgram } from "./program";

describe("a component of objects that the program makes itself", () => {
  it("lets each of its objects depend on those that it names, or one made anew would take the claim with it", async () => {
    const run = await runProgram({ config: {} }, () => {
      const cluster = createProvider("cluster", { context: "dev" });
      const options = { provider: cluster };
      const namespace = new core.Namespace("space", { metadata: { name: "inference" } }, options).metadata.name;
      const own = { metadata: { namespace, name: "theirs" } };
      const hfTokenSecret = new core.Secret("token", own, options).metadata.name;
      const imagePullSecret = new core.Secret("pull", own, options).metadata.name;
      new VllmInference("vllm", { cluster, namespace, createNamespace: false, hfTokenSecret, imagePullSecret });
      return {};
    });
    const theirs = (name: string) =>
      named(run, name)
        .dependsOn.filter((each) => ["space", "token", "pull"].includes(each))
        .toSorted();
    assert.deepEqual(theirs("vllm-claim"), ["space"]);
    assert.deepEqual(theirs("vllm-service"), ["space"]);
    assert.deepEqual(theirs("vllm-downloader"), ["space"]);
    assert.deepEqual(theirs("vllm-deployment"), ["pull", "space", "token"]);
  });

  it("tells the line of an image that is an Output, where its name has it", async () => {
    for (const [image, line] of [
      ["registry.redhat.io/rhaii/vllm-cuda-rhel9:3.5", "3.5"],
      [`registry.redhat.io/rhaii/vllm-cuda-rhel9@sha256:${"0".repeat(64)}`, undefined],
    ] as const) {
      const { outputs } = await runProgram({ config: {} }, () => {
        const cluster = createProvider("cluster", { context: "dev" });
        const { imageLine } = new VllmInference("vllm", { cluster, hfToken: "hf_x", image: pulumi.output(image) });
        return { imageLine };
      });
      assert.deepEqual(outputs["imageLine"], line);
    }
  });
});
