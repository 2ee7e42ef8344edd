/**
 * What a chart, a group of files and a Kustomize directory are to a pack: children with types of their own, as the official provider registers
 * them. Each way of the recording brings the same four or five objects; `children.json` says with which versions it was recorded.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { policies } from "../../../policies/index";
import { judge, type Json } from "./support";

interface Child {
  type: string;
  urn: string;
  name: string;
  parent: string;
  /** What a resource policy is given. */
  resource: Json;
  /** What a stack policy is given: with the server's defaults and its record of managers, where a cluster answered. */
  stack: Json;
}
const { ways } = JSON.parse(readFileSync(path.join(__dirname, "children.json"), "utf8")) as {
  ways: { way: string; children: Child[] }[];
};

/** A server on the community image without a name, in a Deployment and a LeaderWorkerSet, behind a Route without TLS. */
const ofServers = [
  "require-recreate on Deployment",
  "require-service-links-disabled on Deployment",
  "require-service-links-disabled on LeaderWorkerSet",
  "require-rhaiis-image on Deployment",
  "require-rhaiis-image on LeaderWorkerSet",
  "require-served-model-name on Deployment",
  "require-served-model-name on LeaderWorkerSet",
  "allow-slow-start on Deployment",
  "allow-slow-start on LeaderWorkerSet",
  "require-readiness-on-health on Deployment",
  "require-readiness-on-health on LeaderWorkerSet",
];
const ofRoutes = [
  "require-route-tls on Route",
  "require-route-tls on Route",
  "require-route-timeout on Route",
  "require-api-key-behind-route on Deployment",
  "require-api-key-behind-route on Route",
];

/** The recorded directory has a prefix for names, which Kustomize does not give to what a Route names: it reaches no vLLM any more. */
const expected = (way: string): string[] => (way.includes("kustomize") ? ofServers : [...ofServers, ...ofRoutes]);

async function found(children: readonly Child[]): Promise<string[]> {
  const all = policies.map(async (policy) => {
    const view = "validateStack" in policy ? "stack" : "resource";
    const resources = children.map(({ type, name, ...views }) => ({ type, name, props: views[view] }));
    return (await judge(policy, resources)).map((sentence) => `${policy.name} on ${sentence.split(" ")[0] ?? ""}`);
  });
  return (await Promise.all(all)).flat();
}

describe("children as the official provider registers them", () => {
  for (const { way, children } of ways) {
    it(`of ${way} are judged as objects of the program's own are`, async () => {
      assert.deepEqual(await found(children), expected(way));
    });
  }

  it("are there for each way that the documentation names", () => {
    assert.deepEqual(
      ways.map(({ way }) => way),
      [
        "kubernetes:yaml:ConfigGroup",
        "kubernetes:yaml/v2:ConfigGroup",
        "kubernetes:yaml/v2:ConfigFile",
        "kubernetes:kustomize:Directory",
        "kubernetes:kustomize/v2:Directory",
        "kubernetes:helm.sh/v3:Chart",
        "kubernetes:helm.sh/v4:Chart",
      ],
    );
    for (const { way, children } of ways) {
      for (const { urn, parent } of children) assert.ok(urn.includes(`::${way}$`) && parent.includes(way), urn);
    }
  });
});
