import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "../../../local/paths";
import { versions } from "../../../local/versions";

const read = (...names: string[]) => readFileSync(path.join(repositoryRoot, ...names), "utf8");
const required = (module: string, dependency: string) =>
  new RegExp(`^\\s*(?:require )?${dependency.replaceAll(".", "\\.")} (v\\S+)`, "m").exec(
    read("local", "tools", module, "go.mod"),
  )?.[1];

describe("local/versions.ts", () => {
  const pinned: [module: string, dependency: string, version: string][] = [
    ["kubernetes", "k8s.io/kubernetes", versions.kubernetes],
    ["kubernetes", "go.etcd.io/etcd/server/v3", versions.etcd],
    ["kwok", "sigs.k8s.io/kwok", versions.kwok],
    ["coredns", "github.com/coredns/coredns", versions.coredns],
    ["pulumi", "github.com/pulumi/pulumi/pkg/v3", versions.pulumi],
    ["pulumi-yaml", "github.com/pulumi/pulumi-yaml", versions.pulumiYaml],
    ["actionlint", "github.com/rhysd/actionlint", versions.actionlint],
    ["kube-score", "github.com/zegl/kube-score", versions.kubeScore],
  ];
  for (const [module, dependency, version] of pinned) {
    it(`agrees with local/tools/${module}/go.mod about ${dependency}`, () => {
      assert.equal(required(module, dependency), `v${version}`);
    });
  }

  it("replaces every staging module of Kubernetes by the release that belongs to it", () => {
    const staging = [
      ...read("local", "tools", "kubernetes", "go.mod").matchAll(/^\s*(?:replace )?(k8s\.io\/\S+) => \S+ (\S+)$/gm),
    ];
    assert.ok(staging.length > 20, `only ${staging.length} replacements`);
    for (const [, name, version] of staging) assert.equal(version, `v0${versions.kubernetes.slice(1)}`, name);
  });

  for (const file of ["Pulumi.yaml", "gateway/Pulumi.yaml"]) {
    it(`names the oldest Pulumi CLI that ${file} accepts`, () => {
      assert.match(read(file), new RegExp(`^requiredPulumiVersion: ">=${versions.pulumiOldest}"$`, "m"));
    });
  }

  it("names a Node that package.json allows, of the major that @types/node describes", () => {
    const { engines, devDependencies } = JSON.parse(read("package.json")) as {
      engines: { node: string };
      devDependencies: Record<string, string>;
    };
    const [major, minor] = versions.node.split(".").map(Number);
    const [, oldestMajor, oldestMinor] = /^>=(\d+)\.(\d+)$/.exec(engines.node) ?? [];
    assert.equal(major, Number(oldestMajor));
    assert.ok(minor! >= Number(oldestMinor));
    assert.equal(devDependencies["@types/node"]?.split(".")[0], String(major));
  });
});
