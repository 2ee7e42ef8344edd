import assert from "node:assert/strict";
import { Secret } from "@pulumi/policy";
import { policies } from "../../../policies/index";
import { requireHfHubOnline } from "../../../policies/resource/requireHfHubOnline";
import { requireRecreate } from "../../../policies/resource/requireRecreate";
import { requireServiceLinksDisabled } from "../../../policies/resource/requireServiceLinksDisabled";
import { deployment, downloader, pod, resource, route, server, service, workload } from "./resources";
import { judge, remediate, unknown, type Json, type Resource } from "./support";

const podSpec = (props: Json | undefined): Json => ((props?.spec as Json).template as Json).spec as Json;
const env = (props: Json | undefined): unknown => ((podSpec(props).initContainers as Json[])[0] as Json).env;

describe("remediation", () => {
  const broken: [string, (typeof policies)[number], Resource][] = [
    ["a Deployment with RollingUpdate", requireRecreate, deployment(pod(), { strategy: { type: "RollingUpdate" } })],
    [
      "a StatefulSet with service links",
      requireServiceLinksDisabled,
      workload("StatefulSet", pod({ enableServiceLinks: true })),
    ],
    ["a Pod without the field", requireServiceLinksDisabled, workload("Pod", pod({ enableServiceLinks: undefined }))],
    [
      "a list's item",
      requireRecreate,
      resource("apps/v1:DeploymentList", "all", { items: [deployment(pod(), { strategy: undefined }).props] }),
    ],
    [
      "an init container without environment",
      requireHfHubOnline,
      deployment(pod({ initContainers: [downloader({ env: undefined })] })),
    ],
  ];
  for (const [says, policy, given] of broken) {
    it(`${policy.name} mends ${says}, after which it passes`, async () => {
      assert.notDeepEqual(await judge(policy, given), []);
      const mended = await remediate(policy, given);
      assert.ok(mended);
      assert.deepEqual(await judge(policy, { ...given, props: mended }), []);
    });
  }

  it("require-route-timeout mends a Route whose server was registered before it, and no other", async () => {
    const timeout = policies.find(({ name }) => name === "require-route-timeout");
    assert.ok(timeout);
    const hasty = route({}, { annotations: {} });
    assert.equal(await remediate(timeout, hasty), undefined);
    for (const before of [deployment(), service()]) assert.equal(await remediate(timeout, before), undefined);
    const mended = await remediate(timeout, hasty);
    assert.deepEqual(await judge(timeout, [deployment(), service(), { ...hasty, props: mended ?? {} }]), []);
  });

  it("changes nothing where there is nothing to mend", async () => {
    for (const policy of policies.filter(({ mends }) => mends))
      assert.equal(await remediate(policy, deployment()), undefined);
  });

  it("drops the parameters of a rolling update, which Kubernetes refuses beside Recreate", async () => {
    const given = deployment(pod(), { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } });
    const mended = await remediate(requireRecreate, given);
    assert.deepEqual((mended?.spec as Json).strategy, { type: "Recreate" });
  });

  it("leaves one variable of several, without its source, and keeps what stands beside it", async () => {
    const first = { name: "HF_HUB_OFFLINE", valueFrom: { configMapKeyRef: { name: "hub", key: "offline" } } };
    const token = new Secret({ name: "HF_TOKEN", value: new Secret("hf_secret") });
    const given = [first, { name: "HF_HUB_OFFLINE", value: "1" }, token, { name: "HOME", value: unknown }];
    const mended = await remediate(
      requireHfHubOnline,
      deployment(pod({ initContainers: [downloader({ env: given })] })),
    );
    assert.deepEqual(env(mended), [{ name: "HF_HUB_OFFLINE", value: "0" }, token, { name: "HOME", value: unknown }]);
    assert.ok((env(mended) as unknown[])[1] instanceof Secret, "the token is no longer a secret");
  });

  it("mends what is known beside what is not", async () => {
    const given = deployment(pod({ enableServiceLinks: undefined, containers: [server({ image: unknown })] }));
    assert.equal(podSpec(await remediate(requireServiceLinksDisabled, given)).enableServiceLinks, false);
  });

  it("leaves a misspelt setting to the validation that follows", async () => {
    const timeout = policies.find(({ name }) => name === "require-route-timeout");
    assert.ok(timeout);
    const run = { config: { minSecond: 900 } };
    await remediate(timeout, deployment(), run);
    const [sentence] = await judge(timeout, deployment(), run);
    assert.match(sentence ?? "", /'require-route-timeout\.minSecond' must be a setting of the policy/);
  });
});
