/**
 * Somebody else's deployments under the pack. The fixtures were written for this test after public ones, with the facts
 * that matter and nothing else; what the pack finds, and why that is right, stands in the data of the documentation.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { publicDeployments } from "../../../docs/generate/policyTable";
import { policies } from "../../../policies/index";
import { judge, type Json, type Resource } from "./support";

describe("public deployments under the pack", () => {
  for (const { file, says, finds } of publicDeployments()) {
    it(`finds in ${says} what is written down`, async () => {
      const resources = load(file);
      const found: string[] = [];
      for (const policy of policies) {
        const sentences = await judge(policy, resources);
        found.push(...sentences.map((sentence) => `${policy.name} on ${sentence.split(" ")[0] ?? ""}`));
      }
      assert.deepEqual(
        found,
        finds.map(([policy, on]) => `${policy} on ${on}`),
      );
    });
  }
});

function load(file: string): Resource[] {
  const text = readFileSync(path.join(__dirname, "manifests", file), "utf8");
  return parseAllDocuments(text).map((document) => {
    const props = document.toJS() as Json & { apiVersion: string; kind: string; metadata: { name: string } };
    const version = props.apiVersion === "v1" ? "core/v1" : props.apiVersion;
    return { type: `kubernetes:${version}:${props.kind}`, name: props.metadata.name, props };
  });
}
