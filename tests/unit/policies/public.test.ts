/**
 * Somebody else's deployments under the pack. The fixtures were written for this test after public ones, with the facts
 * that matter and nothing else; beside each stands what the pack finds, and why that is right.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { policies } from "../../../policies/index";
import { judge, type Json, type Resource } from "./support";

interface Finding {
  readonly policy: string;
  readonly on: string;
  readonly because: string;
}

const deployments: readonly { file: string; says: string; finds: readonly Finding[] }[] = [
  {
    file: "helm-chart.yaml",
    says: "the rendered values of a Helm chart, with two GPUs and tool calls",
    finds: [
      finding("require-recreate", "Deployment", "a rolling update: the new pod waits for the old one's two GPUs"),
      finding(
        "require-service-links-disabled",
        "Deployment",
        "absent means true; a Service named vllm in the namespace is enough",
      ),
      finding("require-rhaiis-image", "Deployment", "a build on the community image"),
      finding("pin-image-tag", "Deployment", "tag latest"),
      finding("require-served-model-name", "Deployment", "clients see mistralai/… alone"),
      finding("allow-slow-start", "Deployment", "615 s are less than the 720 s that a load may take here"),
    ],
  },
  {
    file: "plain.yaml",
    says: "a plain Deployment for OpenShift with its Route",
    finds: [
      finding(
        "require-service-links-disabled",
        "Deployment",
        "its Service is named vllm: this very deployment crashes with VLLM_PORT",
      ),
      finding(
        "require-hf-hub-online",
        "Deployment",
        "the server fetches its model itself; on the RHAIIS image it could not",
      ),
      finding("require-rhaiis-image", "Deployment", "a build of a community on UBI"),
      finding("require-served-model-name", "Deployment", "no alias without slash"),
      finding("require-route-tls", "Route", "plain HTTP is answered 503 instead of redirected"),
      finding("require-route-timeout", "Route", "the router ends long answers after 30 s"),
      finding("require-api-key-behind-route", "Deployment", "anyone may use the GPU"),
      finding("require-api-key-behind-route", "Route", "and everything beside /v1"),
    ],
  },
  {
    file: "kserve.yaml",
    says: "a KServe runtime and its InferenceService on the RHAIIS image",
    finds: [
      finding(
        "require-service-links-disabled",
        "InferenceService",
        "its pods get the links of every Service of the namespace",
      ),
    ],
  },
];

describe("public deployments under the pack", () => {
  for (const { file, says, finds } of deployments) {
    it(`finds in ${says} what is written down`, async () => {
      const resources = load(file);
      const found: string[] = [];
      for (const policy of policies) {
        const sentences = await judge(policy, resources);
        found.push(...sentences.map((sentence) => `${policy.name} on ${sentence.split(" ")[0] ?? ""}`));
      }
      assert.deepEqual(
        found,
        finds.map(({ policy, on }) => `${policy} on ${on}`),
      );
    });
  }
});

function finding(policy: string, on: string, because: string): Finding {
  return { policy, on, because };
}

function load(file: string): Resource[] {
  const text = readFileSync(path.join(__dirname, "manifests", file), "utf8");
  return parseAllDocuments(text).map((document) => {
    const props = document.toJS() as Json & { apiVersion: string; kind: string; metadata: { name: string } };
    const version = props.apiVersion === "v1" ? "core/v1" : props.apiVersion;
    return { type: `kubernetes:${version}:${props.kind}`, name: props.metadata.name, props };
  });
}
