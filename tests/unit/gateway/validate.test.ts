import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { checkGatewayConfig } from "../../../gateway/config";
import { gatewayKeys } from "../../../gateway/configSchema";
import { gatewayDefaults } from "../../../gateway/settings";

const good = { kubeContext: "openshift", models: '[{"stack":"organization/vllm-inference/dev"}]' };

function reasons(values: Record<string, string>, secretKeys: string[] = []): string[] {
  return checkGatewayConfig({ values, secretKeys: new Set(secretKeys) }).problems.map(({ reason }) => reason);
}

describe("the gateway's configuration", () => {
  it("needs no more than a cluster and a stack", () => {
    assert.deepEqual(reasons(good), []);
  });

  it("has the same keys and defaults in Pulumi.yaml as in the program", () => {
    const file = path.join(__dirname, "../../../gateway/Pulumi.yaml");
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, { default?: unknown }> };
    const { "pulumi:disable-default-providers": guard, ...own } = config;
    assert.deepEqual(guard, { value: ["kubernetes"] });
    assert.deepEqual(Object.keys(own), gatewayKeys);
    for (const [key, { default: value }] of Object.entries(own)) {
      const expected = key === "aliases" ? [] : (gatewayDefaults as Record<string, unknown>)[key];
      assert.deepEqual(value, expected ?? "", key);
    }
  });

  it("says the mistakes of the other models beside one whose shape is wrong, by their own numbers", () => {
    const paths = (...models: object[]): (string | undefined)[] =>
      reasons({ ...good, models: JSON.stringify(models) }).map((each) => /^'([^']+)'/.exec(each)?.[1]);
    assert.deepEqual(paths({ stack: 5 }, { stack: "dev" }), ["models[0].stack", "models[1].stack"]);
    assert.deepEqual(paths({ stack: 5 }), ["models[0].stack"]);
  });

  it("calls an unset list of aliases Claude Code's names, or the served ones without LiteLLM", () => {
    const aliases = (mode: string): string[] | undefined =>
      checkGatewayConfig({ values: { ...good, mode, aliases: "[]" }, secretKeys: new Set() }).settings.models[0]
        ?.aliases;
    assert.deepEqual(aliases("deploy"), gatewayDefaults.aliases);
    assert.equal(aliases("direct"), undefined);
  });

  const cases: [what: string, values: Record<string, string>, expected: string][] = [
    [
      "a stack without its organization",
      { models: '[{"stack":"dev"}]' },
      "'models[0].stack' (dev) must be <organization>/<project>/<stack>; set it as `pulumi stack ls --all` shows it; the organization of " +
        "a self-managed backend is 'organization'.",
    ],
    [
      "a Route that the NetworkPolicy would not let it reach",
      { models: '[{"stack":"organization/vllm-inference/dev","endpoint":"route"}]' },
      "'models[0].endpoint' (route) must be internal unless 'egressCidrs' names the router's addresses, because the NetworkPolicy lets " +
        "nothing else out; set egressCidrs to a list such as [203.0.113.7/32].",
    ],
    [
      "an address for the gate that is none",
      { models: '[{"stack":"organization/vllm-inference/dev","gateUrl":"localhost:8000"}]' },
      "'models[0].gateUrl' (localhost:8000) must be an http or https URL without /v1; set one such as http://127.0.0.1:8000, or leave it out.",
    ],
    [
      "a path that leads to LiteLLM's admin pages",
      { routePath: "/" },
      "'routePath' (/) must be /v1 or a path below it, because LiteLLM's admin pages and most of its admin API lie outside it; set /v1.",
    ],
    [
      "a path without its slash",
      { routePath: "v1" },
      "'routePath' (v1) must be /v1 or a path below it, because LiteLLM's admin pages and most of its admin API lie outside it; set /v1.",
    ],
    [
      "a pull secret whose name is none",
      { imagePullSecret: "Not A Name" },
      "'imagePullSecret' (Not A Name) must be the name of a Kubernetes object (a-z, 0-9, - and .); set the object's name, or leave it empty.",
    ],
    [
      "an amount of CPU that is none",
      { resources: '{"limits":{"cpu":"lots"}}' },
      "'resources.limits.cpu' (lots) must be a Kubernetes quantity above 0; set a size such as 500m.",
    ],
    [
      "more asked for than allowed",
      { resources: '{"requests":{"memory":"3e9"},"limits":{"memory":".5Gi"}}' },
      "'resources.requests.memory' (3e9) must be at most 'resources.limits.memory' (.5Gi); set a smaller request or a larger limit.",
    ],
    [
      "a rotation that is negative",
      { masterKeyRotation: "-1" },
      "'masterKeyRotation' (-1) must be a whole number of at least 0; set 0 or more.",
    ],
    [
      "an address range that is none",
      { egressCidrs: '["999.1.1.1/99"]' },
      "'egressCidrs' (999.1.1.1/99) must be an address range; set one such as 203.0.113.7/32.",
    ],
    [
      "a field of a model that there is not",
      { models: '[{"stack":"organization/vllm-inference/dev","alias":"a"}]' },
      "'models[0].alias' must be a known field; remove it with `pulumi config rm --path models[0].alias`.",
    ],
    [
      "several models without LiteLLM",
      { mode: "direct", models: '[{"stack":"organization/a/b"},{"stack":"organization/a/c"}]' },
      "'models' (organization/a/b, organization/a/c) must be one model while 'mode' is direct, because nothing stands in front of it; " +
        "set mode to deploy.",
    ],
    [
      "an image without a digest where the stack wants one",
      { requireImageDigest: "true" },
      "'image' (ghcr.io/berriai/litellm-non_root:v1.108.7) must name a digest while 'requireImageDigest' is true, because a tag can move; " +
        "set it to ghcr.io/berriai/litellm-non_root:v1.108.7@sha256:<digest>; " +
        "`skopeo inspect docker://ghcr.io/berriai/litellm-non_root:v1.108.7` tells it.",
    ],
    [
      "no cluster",
      { kubeContext: "" },
      "'kubeContext' must be set, because the current context is never used; set it with `pulumi config set kubeContext <context>` " +
        "(`oc config get-contexts` lists them).",
    ],
  ];
  for (const [what, values, expected] of cases) {
    it(`refuses ${what}`, () => {
      const found = reasons({ ...good, ...values });
      assert.ok(found.includes(expected), found.join("\n"));
    });
  }

  for (const tag of ["v1.82.7", "main-v1.82.8-stable", "1.107.0", "v1.107.0@sha256:" + "0".repeat(64)]) {
    it(`refuses LiteLLM ${tag.slice(0, 20)}, which was reported malicious`, () => {
      const [reason = ""] = reasons({ ...good, image: `ghcr.io/berriai/litellm:${tag}` });
      assert.match(
        reason,
        /must not be LiteLLM 1\.82\.7, 1\.82\.8, 1\.107\.0, which were reported to carry malicious code/,
      );
    });
  }

  for (const image of ["litellm", "litellm:latest", "litellm:main-stable", `litellm@sha256:${"0".repeat(64)}`]) {
    it(`refuses ${image.slice(0, 24)}, whose version nobody knows`, () => {
      assert.match(reasons({ ...good, image }).join(), /must name an exact version as its tag/);
    });
  }

  for (const tag of ["v1.108.7", "main-v1.106.2-stable", "1.106.2", `v1.108.7@sha256:${"0".repeat(64)}`]) {
    it(`accepts ${tag.slice(0, 24)}`, () => assert.deepEqual(reasons({ ...good, image: `litellm:${tag}` }), []));
  }

  it("accepts an image with version and digest where the stack wants one", () => {
    const image = `ghcr.io/berriai/litellm-non_root:v1.108.7@sha256:${"0".repeat(64)}`;
    assert.deepEqual(reasons({ ...good, requireImageDigest: "true", image }), []);
  });

  it("wants a digest in production", () => {
    const file = readFileSync(path.join(__dirname, "../../../gateway/Pulumi.prod.yaml"), "utf8");
    const { config } = parse(file) as { config: Record<string, unknown> };
    assert.equal(config["vllm-gateway:requireImageDigest"], true);
  });

  for (const url of [
    "https://admin:hunter2@litellm.example.com",
    "https://hunter2@litellm.example.com",
    "admin:hunter2@litellm.example.com",
    "https://admin:hunt/er2@litellm.example.com",
  ]) {
    it(`refuses ${url} and does not show it`, () => {
      const models = JSON.stringify([{ stack: "organization/vllm-inference/dev", gateUrl: url }]);
      const values = { ...good, models, mode: "register", litellmUrl: url, litellmAdminKey: "sk-canary" };
      const rule =
        "must hold no user name or password, because no request can carry them there; set the URL without them.";
      assert.deepEqual(reasons(values, ["litellmAdminKey"]), [`'models[0].gateUrl' ${rule}`, `'litellmUrl' ${rule}`]);
    });
  }

  it("wants the admin key encrypted, and prints it nowhere", () => {
    const values = { ...good, mode: "register", litellmUrl: "https://x.example.com", litellmAdminKey: "sk-canary" };
    const [reason = "", ...others] = reasons(values);
    assert.deepEqual(others, []);
    assert.match(
      reason,
      /^'litellmAdminKey' must be encrypted, .*set it with `pulumi config set --secret litellmAdminKey`, and revoke the key/,
    );
    assert.ok(!reason.includes("sk-canary"));
    assert.deepEqual(reasons(values, ["litellmAdminKey"]), []);
  });
});
