/** Arguments that are Outputs of the program's own objects. */
import assert from "node:assert/strict";
import * as core from "@pulumi/kubernetes/core/v1";
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
});
