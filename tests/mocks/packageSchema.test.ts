/** The schema of the package in plugin/ against the components themselves. */
import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { createProvider, SharedNamespace, VllmInference } from "../../components";
import schema from "../../plugin/schema.json";
import { runProgram } from "./program";

type Described = { properties: object; required: string[] };
const resources = schema.resources as unknown as Record<string, Described>;

/** What a component tells, but for what every resource has. */
const tells = (component: pulumi.ComponentResource): string[] =>
  Object.entries(component)
    .filter(([key, value]) => !key.startsWith("__") && key !== "urn" && value !== undefined)
    .map(([key]) => key);

const plain = { namespace: "inference", hfToken: "hf_canary" };

describe("the package's schema", () => {
  const made: Record<string, pulumi.ComponentResource> = {};
  before(() =>
    runProgram({ config: {} }, () => {
      const cluster = createProvider("own", { context: "here" });
      const loraAdapters = [{ name: "sql", modelId: "acme/sql" }];
      // Tells no line, so that the server is asked.
      const image = `registry.example.com/vllm@sha256:${"0".repeat(64)}`;
      made.VllmInference = new VllmInference("vllm", { ...plain, cluster, loraAdapters, image });
      made.SharedNamespace = new SharedNamespace("shared", { ...plain, namespace: "other", cluster });
      return {};
    }),
  );

  for (const name of ["VllmInference", "SharedNamespace"]) {
    it(`names every output of ${name}, and no other`, () => {
      const described = resources[`vllm-inference:index:${name}`]!;
      assert.deepEqual(Object.keys(described.properties).toSorted(), tells(made[name]!).toSorted());
    });
  }
});
