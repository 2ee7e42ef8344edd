/** OpenShift's rules on the embedded cluster: SCCs, volumes, Routes. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import type { Route } from "../../local/simulation/routes";
import { deployment, eventually, ready, simulated } from "./simulatedCluster";

const { kubectl, faulty, namespace, apply, get, podsOf, eventsOf } = simulated();

describe("simulated security context constraints", () => {
  const role = (namespace: string) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "vllm-anyuid", namespace },
    rules: [
      {
        apiGroups: ["security.openshift.io"],
        resources: ["securitycontextconstraints"],
        resourceNames: ["anyuid"],
        verbs: ["use"],
      },
    ],
  });
  const binding = (namespace: string) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "vllm-anyuid", namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "vllm-anyuid" },
    subjects: [{ kind: "ServiceAccount", name: "vllm-sa", namespace }],
  });
  const account = (namespace: string) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "vllm-sa", namespace },
  });
  const root = { serviceAccountName: "vllm-sa", securityContext: { runAsUser: 0 } };

  it("refuse uid 0 until the Role and its binding exist, and again when the binding has gone", async () => {
    const ns = await namespace();
    await apply(account(ns), role(ns), deployment(ns, root));
    const refused = await eventually(eventsOf(ns), (events) => events.find(({ reason }) => reason === "FailedCreate"));
    match(
      refused.message ?? "",
      /unable to validate against any security context constraint: \[provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: \.spec\.securityContext\.runAsUser: Invalid value: 0: must be in the ranges: \[1000660000, 1000669999\]/,
    );
    // The authorizer reads bindings from a watch.
    const rights = () => kubectl("auth", "can-i", "--list", "-n", ns, `--as=system:serviceaccount:${ns}:vllm-sa`);
    await apply(binding(ns));
    await eventually(rights, (list) => list.includes("anyuid"));
    await kubectl("rollout", "restart", "deployment/vllm", "-n", ns);
    await eventually(podsOf(ns), ready);
    await kubectl("delete", "rolebinding", "vllm-anyuid", "-n", ns);
    await eventually(rights, (list) => !list.includes("anyuid"));
    // Not a second `rollout restart`: it refuses to come within a second of the first, which all of this may.
    await kubectl("delete", "pods", "--all", "--wait=false", "-n", ns);
    await eventually(eventsOf(ns), (events) => events.filter(({ reason }) => reason === "FailedCreate").length > 1);
  });

  it("refuse what anyuid does not allow either", async () => {
    const ns = await namespace();
    await apply(account(ns), role(ns), binding(ns));
    const privileged = deployment(ns, root, { securityContext: { privileged: true } });
    await apply(privileged);
    const refused = await eventually(eventsOf(ns), (events) => events.find(({ reason }) => reason === "FailedCreate"));
    match(refused.message ?? "", /provider restricted-v2: \.containers\[server\]\.privileged: Invalid value: true/);
  });

  it("leave Pod Security to the API server", async () => {
    const ns = await namespace({}, { "pod-security.kubernetes.io/enforce": "restricted" });
    await apply(deployment(ns));
    const refused = await eventually(eventsOf(ns), (events) => events.find(({ reason }) => reason === "FailedCreate"));
    match(refused.message ?? "", /violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false/);
  });
});

describe("simulated volumes", () => {
  const claim = (namespace: string, storage: string, storageClassName?: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "cache", namespace },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  });
  const mount = { volumes: [{ name: "cache", persistentVolumeClaim: { claimName: "cache" } }] };
  const claimOf = (namespace: string) => () =>
    get<V1PersistentVolumeClaim>(namespace, "persistentvolumeclaims", "cache");

  it("bind with the first pod, grow, and are recycled", async () => {
    const ns = await namespace();
    await apply(claim(ns, "10Gi"));
    equal((await claimOf(ns)()).status?.phase, "Pending");
    await apply(deployment(ns, mount));
    await eventually(claimOf(ns), ({ status }) => status?.phase === "Bound");
    await eventually(podsOf(ns), ready);
    await apply(claim(ns, "20Gi"));
    const grown = await eventually(claimOf(ns), (one) => one.status?.capacity?.["storage"] === "20Gi" && one);
    const volume = grown.spec?.volumeName ?? "";
    await kubectl("delete", "deployment/vllm", "pvc/cache", "-n", ns);
    await eventually(
      () => kubectl("get", "pv", "-o", "name"),
      (names) => !names.includes(volume),
    );
    await apply(claim(ns, "10Gi"), deployment(ns, mount));
    await eventually(podsOf(ns), ready);
  });

  it("of a class that cannot expand are not grown", async () => {
    const ns = await namespace();
    await apply(claim(ns, "10Gi", "simulated-fixed"), deployment(ns, mount));
    await eventually(claimOf(ns), ({ status }) => status?.phase === "Bound");
    await rejects(
      apply(claim(ns, "20Gi", "simulated-fixed")),
      /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize/,
    );
  });

  it("that nobody provisions keep the pod pending", async () => {
    const ns = await namespace();
    await apply(claim(ns, "10Gi", "simulated-unavailable"), deployment(ns, mount));
    await eventually(eventsOf(ns), (events) => events.some(({ reason }) => reason === "ExternalProvisioning"));
    equal((await claimOf(ns)()).status?.phase, "Pending");
  });
});

describe("simulated Routes", () => {
  const route = (namespace: string, spec: object = {}, name = "vllm"): object => ({
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: { name, namespace },
    spec: {
      to: { kind: "Service", name: "vllm" },
      port: { targetPort: "http" },
      tls: { termination: "edge" },
      ...spec,
    },
  });
  const admitted = (namespace: string) => () =>
    eventually(
      () => get<Route>(namespace, "routes", "vllm"),
      ({ spec, status }) => {
        const condition = status?.ingress?.[0]?.conditions.find(({ type }) => type === "Admitted");
        return condition && { host: spec.host, ingressHost: status?.ingress?.[0]?.host, ...condition };
      },
    );

  it("get a host when they name none, and are admitted", async () => {
    const ns = await namespace();
    await apply(route(ns));
    const { host, ingressHost, status } = await admitted(ns)();
    deepEqual([host, ingressHost, status], [`vllm-${ns}.apps.local.test`, `vllm-${ns}.apps.local.test`, "True"]);
    await apply(route(ns)); // and keep it when they are applied again
    equal((await get<Route>(ns, "routes", "vllm")).spec.host, host);
  });

  it("of a host that another namespace has claimed are refused", async () => {
    const [first, second] = [await namespace(), await namespace()];
    const host = `${first}.example.test`;
    await apply(route(first, { host }));
    equal((await admitted(first)()).status, "True");
    // creationTimestamps have whole seconds, and which Route is older says who holds the host.
    const { creationTimestamp } = (await get<Route>(first, "routes", "vllm")).metadata ?? {};
    await eventually(
      () => Promise.resolve(Date.now()),
      (now) => now >= Date.parse(String(creationTimestamp)) + 1000,
    );
    await apply(route(second, { host }));
    const refused = await admitted(second)();
    deepEqual([refused.status, refused.reason], ["False", "HostAlreadyClaimed"]);
    await kubectl("delete", "route", "vllm", "-n", first);
    await eventually(admitted(second), ({ status }) => status === "True");
  });

  it("are refused by fault, and admitted when it is gone", async () => {
    const ns = await namespace({ fault: "route-rejected" });
    await apply(route(ns));
    deepEqual((await admitted(ns)()).reason, "RouteNotAdmitted");
    await faulty(ns, undefined);
    await eventually(admitted(ns), ({ status }) => status === "True");
  });

  it("get a host and no status in a namespace that no router selects, until one does", async () => {
    const ns = await namespace({ fault: "route-unseen" });
    await apply(route(ns));
    // The router looks at every Route each time: once a later one is admitted, it has looked at this one.
    const seen = await namespace();
    await apply(route(seen));
    equal((await admitted(seen)()).status, "True");
    const { spec, status } = await get<Route>(ns, "routes", "vllm");
    equal(spec.host, `vllm-${ns}.apps.local.test`);
    equal(status?.ingress, undefined);
    await faulty(ns, undefined);
    equal((await admitted(ns)()).status, "True");
  });

  const invalid: [string, object, RegExp][] = [
    ["a target that is no Service", { to: { kind: "Pod", name: "x" } }, /spec\.to\.kind: Unsupported value: "Pod"/],
    ["a target without a name", { to: { kind: "Service" } }, /spec\.to\.name: Required value/],
    ["an unknown termination", { tls: { termination: "none" } }, /spec\.tls\.termination: Unsupported value: "none"/],
    [
      "an unknown insecure policy",
      { tls: { termination: "edge", insecureEdgeTerminationPolicy: "Drop" } },
      /insecureEdgeTerminationPolicy: Unsupported value/,
    ],
    ["an unknown wildcard policy", { wildcardPolicy: "All" }, /spec\.wildcardPolicy: Unsupported value/],
    ["a path without a slash", { path: "v1" }, /path must begin with \//],
    [
      "a path beside passthrough",
      { path: "/v1", tls: { termination: "passthrough" } },
      /passthrough termination does not support paths/,
    ],
    ["a host that is no DNS name", { host: "not_a_host" }, /host must conform to DNS naming conventions/],
    ["a label that is too long", { host: `${"a".repeat(64)}.example` }, /must be no more than 63 characters/],
    ["a port of nothing", { port: { targetPort: "" } }, /targetPort must be a port's name or a number/],
    ["a port out of range", { port: { targetPort: 70000 } }, /targetPort must be a port's name or a number/],
  ];
  it("with a mistake are refused in OpenShift's words", async () => {
    const ns = await namespace();
    for (const [what, spec, expected] of invalid) await rejects(apply(route(ns, spec)), expected, what);
  });

  it("do not change their host", async () => {
    const ns = await namespace();
    await apply(route(ns, { host: `${ns}.example.test` }));
    await rejects(apply(route(ns, { host: "other.example.test" })), /spec\.host: Invalid value: .*field is immutable/);
  });
});
