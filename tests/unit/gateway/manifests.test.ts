import assert from "node:assert/strict";
import * as manifests from "../../../gateway/manifests";
import { meets, parseExpectation } from "../../../local/plugins/kubernetes/jsonpath";
import type { Json } from "../../../local/plugins/shared/wire";
import { resolveSettings } from "../../../gateway/settings";
import { listOf, model } from "./models";

const args = manifests.gatewayArgs("litellm", resolveSettings({ kubeContext: "openshift" }));
const context: manifests.Context = {
  args,
  owner: { stack: "organization/vllm-gateway/test", component: "type::litellm" },
};
const list = listOf(model());
const deployment = manifests.deployment(context, list, "litellm-config-0", {});

interface Pod {
  securityContext: object;
  automountServiceAccountToken: boolean;
  containers: [
    {
      env: { name: string; value?: string; valueFrom?: { secretKeyRef: object } }[];
      securityContext: object;
      args: string[];
    },
  ];
}
const pod = (deployment.spec as unknown as { template: { spec: Pod } }).template.spec;

describe("the gateway's objects", () => {
  it("run without any privilege, under whatever UID", () => {
    assert.deepEqual(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    const [{ securityContext }] = pod.containers;
    assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    assert.equal(pod.automountServiceAccountToken, false);
  });

  it("give LiteLLM its keys by reference, one for each model that has one", () => {
    const [{ env }] = pod.containers;
    const secrets = env
      .filter(({ valueFrom }) => valueFrom)
      .map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef]);
    assert.deepEqual(secrets, [
      ["LITELLM_MASTER_KEY", { name: "litellm-master-key", key: "master-key" }],
      [
        "MODEL_KEY_ORGANIZATION_VLLM_INFERENCE_DEV",
        { name: "litellm-model-keys", key: "organization.vllm-inference.dev" },
      ],
    ]);
    const keyless = manifests.deployment(context, listOf(model({ hasApiKey: false })), "c", {});
    assert.ok(!JSON.stringify(keyless).includes("MODEL_KEY"));
  });

  it("keep LiteLLM from fetching its price list, which nothing lets out", () => {
    const [{ env }] = pod.containers;
    assert.ok(env.some(({ name, value }) => name === "LITELLM_LOCAL_MODEL_COST_MAP" && value === "True"));
  });

  it("let the old pod answer until the new one does", () => {
    assert.deepEqual((deployment.spec as { strategy: object }).strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
  });

  it("are named after their content where a pod reads them once", () => {
    const first = manifests.configMap(context, "a");
    assert.notEqual(first.name, manifests.configMap(context, "b").name);
    assert.equal(first.name, manifests.configMap(context, "a").name);
    assert.equal(first.immutable, true);
  });

  it("are public below /v1 alone, for as long as an answer takes", () => {
    const { metadata, spec } = manifests.route(context);
    assert.equal(spec.path, "/v1");
    assert.equal(metadata.annotations["haproxy.router.openshift.io/timeout"], "600s");
    assert.deepEqual(spec.tls, { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" });
  });

  describe("with several routers", () => {
    const { metadata, spec } = manifests.route(context);
    const router = (host: string, status?: string) => ({
      host,
      conditions: [{ type: "Other", status: "True" }, ...(status === undefined ? [] : [{ type: "Admitted", status }])],
    });
    const refuses = router("edge.example.com", "False");
    const silent = router("other.example.com");
    const admits = router("apps.example.com", "True");
    const exposes = router("outside.example.com", "True");

    it("wait for one that admits the Route, whichever that is", () => {
      const expected = parseExpectation(metadata.annotations["pulumi.com/waitFor"] as string);
      const waits = (...ingress: object[]): boolean => !meets(expected, { status: { ingress } } as unknown as Json);
      assert.deepEqual([waits(), waits(refuses), waits(silent), waits(refuses, silent)], [true, true, true, true]);
      assert.deepEqual([waits(admits), waits(refuses, admits), waits(silent, admits)], [false, false, false]);
    });

    it("publish the Route's own host where one serves it, else that of the one that has admitted it", () => {
      const host = (...ingress: ReturnType<typeof router>[]): string | undefined =>
        manifests.servedHost({ ...spec, host: "apps.example.com" }, { ingress });
      assert.equal(host(refuses, exposes, admits), "apps.example.com");
      assert.equal(host(refuses, silent, exposes), "outside.example.com");
      assert.equal(host(refuses), "apps.example.com");
    });
  });
});

describe("the gateway's NetworkPolicy", () => {
  const policy = (changes: Partial<manifests.GatewayArgs>, urls: string[]): { ingress: object[]; egress: object[] } => {
    const entries = urls.flatMap((url, index) => listOf(model({ url, stack: `organization/a/${index}` })));
    const made = manifests.networkPolicy({ ...context, args: { ...args, ...changes } }, entries);
    return made.spec as { ingress: object[]; egress: object[] };
  };

  it("names each model's pods once", () => {
    const { egress } = policy({}, ["http://a.ns.svc:8000", "http://a.ns.svc:8000", "http://b.ns.svc:8000"]);
    assert.equal(egress.length, 1 + 2);
  });

  it("names no address but those that are configured", () => {
    const urls = ["https://vllm.apps.example.com"];
    assert.equal(policy({}, urls).egress.length, 1, "DNS alone");
    const { egress } = policy({ egressCidrs: ["203.0.113.7/32"] }, urls);
    assert.deepEqual(egress[1], {
      to: [{ ipBlock: { cidr: "203.0.113.7/32" } }],
      ports: [{ protocol: "TCP", port: 443 }],
    });
  });

  it("lets the router in only where there is a Route", () => {
    assert.ok(!JSON.stringify(policy({ routeEnabled: false }, []).ingress).includes("policy-group"));
    assert.ok(JSON.stringify(policy({}, []).ingress).includes("policy-group.network.openshift.io/ingress"));
  });
});
