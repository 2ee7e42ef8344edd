/** The gateway's objects: pure builders, one per kind. */
import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes/types/input";
import * as shared from "../components/manifests";
import { servesAs } from "../components/readiness/phase";
import { keyVariable } from "./entries";
import { stopSeconds } from "./limits";
import type { Registration } from "./registration";
import type { Settings } from "./settings";

/** Kubernetes names, all from the component's. */
export interface GatewayArgs extends Settings {
  component: string;
  names: {
    service: string;
    route: string;
    serviceAccount: string;
    masterKeySecret: string;
    modelKeysSecret: string;
  };
}
export type Context = shared.Context<GatewayArgs>;

export const masterKeyKey = "master-key";
const port = { name: "http", containerPort: 4000, protocol: "TCP" };
const configFolder = "/etc/litellm";
const home = "/var/cache/litellm";

export function gatewayArgs(component: string, settings: Settings): GatewayArgs {
  return {
    ...settings,
    component,
    names: {
      service: component,
      route: component,
      serviceAccount: `${component}-sa`,
      masterKeySecret: `${component}-master-key`,
      modelKeysSecret: `${component}-model-keys`,
    },
  };
}

/** A namespace that admits only what runs without any privilege. */
export function namespace(context: Context): k8s.core.v1.Namespace {
  const { metadata } = shared.namespace(context) as { metadata: { labels: Record<string, string> } };
  const labels = { ...metadata.labels, "pod-security.kubernetes.io/enforce": "restricted" };
  return { metadata: { ...metadata, labels } };
}

export function serviceAccount(context: Context): k8s.core.v1.ServiceAccount {
  return {
    metadata: shared.metadata(context, context.args.names.serviceAccount),
    automountServiceAccountToken: false,
  };
}

/** The name tells the content, so that a new list is a new object and the old pod keeps the one it was started with. */
export function configMap(context: Context, config: string): k8s.core.v1.ConfigMap & { name: string } {
  const name = `${context.args.component}-config-${contentHash(config)}`;
  return {
    name,
    metadata: shared.metadata(context, name),
    immutable: true,
    data: { "config.yaml": config },
  };
}

export function contentHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}

export function service(context: Context): k8s.core.v1.Service {
  return {
    metadata: shared.metadata(context, context.args.names.service, { "pulumi.com/skipAwait": "true" }),
    spec: {
      type: "ClusterIP",
      selector: shared.selector(context.args),
      ports: [{ name: port.name, port: port.containerPort, targetPort: port.name, protocol: "TCP" }],
    },
  };
}

export function internalUrl({ names, namespace: ns }: GatewayArgs): string {
  return `http://${names.service}.${ns}.svc:${port.containerPort}`;
}

/**
 * Nothing judges the Route after it is made, so its admission by some router is what is waited for. Where several look at it, the first in its
 * status may have refused it.
 */
export function route(context: Context): shared.RouteArgs {
  const made = shared.route(context);
  const admitted = `jsonpath={.status.ingress[*].conditions[?(@.type=="Admitted" && @.status=="True")].status}`;
  const annotations = { ...made.metadata.annotations, "pulumi.com/waitFor": admitted };
  return { ...made, metadata: { ...made.metadata, annotations } };
}

/** The host at which a router serves the Route: its own where one does, else that of a router that exposes it as another. */
export function servedHost({ host }: shared.RouteSpec, status: shared.RouteStatus | undefined): string | undefined {
  const admitting = (status?.ingress ?? []).filter(({ conditions = [] }) =>
    conditions.some((condition) => condition.type === "Admitted" && condition.status === "True"),
  );
  return (admitting.find((router) => servesAs(router.host, host)) ?? admitting[0])?.host ?? host;
}

export function deployment(
  context: Context,
  list: readonly Registration[],
  config: string,
  checksums: shared.Checksums,
): k8s.apps.v1.Deployment {
  const { args } = context;
  const annotations = Object.entries(checksums).map(([name, value]) => [`vllm-inference/${name}-checksum`, value]);
  return {
    metadata: shared.metadata(context, args.component),
    spec: {
      replicas: args.replicas,
      selector: { matchLabels: shared.selector(args) },
      // The old pod answers until the new one does.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: shared.labels(args), annotations: Object.fromEntries(annotations) as shared.Checksums },
        spec: {
          serviceAccountName: args.names.serviceAccount,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // No runAsUser: OpenShift chooses it from the namespace's range.
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          // A stopping pod finishes the answers that it has begun.
          terminationGracePeriodSeconds: stopSeconds,
          ...(args.imagePullSecret !== undefined && { imagePullSecrets: [{ name: args.imagePullSecret }] }),
          containers: [container(args, list)],
          volumes: [
            { name: "config", configMap: { name: config } },
            { name: "home", emptyDir: {} },
          ],
        },
      },
    },
  };
}

function container(args: GatewayArgs, list: readonly Registration[]): k8s.core.v1.Container {
  return {
    name: "litellm",
    image: args.image,
    imagePullPolicy: shared.pullPolicy(args.image),
    args: ["--config", `${configFolder}/config.yaml`, "--port", String(port.containerPort)],
    env: environment(args, list),
    ports: [port],
    resources: args.resources as k8s.core.v1.ResourceRequirements,
    // https://docs.litellm.ai/docs/proxy/health
    startupProbe: probe("/health/liveliness", { periodSeconds: 5, failureThreshold: 60, timeoutSeconds: 5 }),
    readinessProbe: probe("/health/readiness", { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 }),
    livenessProbe: probe("/health/liveliness", { periodSeconds: 15, failureThreshold: 4, timeoutSeconds: 10 }),
    // Routers notice a stopping pod only after a while, and an answer may be long.
    lifecycle: { preStop: { exec: { command: ["sleep", "10"] } } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "config", mountPath: configFolder, readOnly: true },
      { name: "home", mountPath: home },
    ],
  };
}

function environment({ names }: GatewayArgs, list: readonly Registration[]): k8s.core.v1.EnvVar[] {
  const plain: Record<string, string> = {
    // The image's home cannot be written by an arbitrary UID.
    HOME: home,
    XDG_CACHE_HOME: `${home}/.cache`,
    // Otherwise it fetches its price list from the internet when it starts, and nothing is let out.
    LITELLM_LOCAL_MODEL_COST_MAP: "True",
    LITELLM_MODE: "PRODUCTION",
  };
  const secret = (name: string, secretName: string, key: string): k8s.core.v1.EnvVar => {
    return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
  };
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    secret("LITELLM_MASTER_KEY", names.masterKeySecret, masterKeyKey),
    ...keyedModels(list).map((ref) => secret(keyVariable(ref), names.modelKeysSecret, modelKeyKey(ref))),
  ];
}

export function keyedModels(list: readonly Registration[]): string[] {
  return [...new Set(list.filter(({ hasApiKey }) => hasApiKey).map(({ ref }) => ref))];
}

/** Key of a model's API key in the Secret: slashes are not allowed there. */
export function modelKeyKey(ref: string): string {
  return ref.replace(/[^-A-Za-z0-9_.]/g, ".");
}

function probe(path: string, figures: Partial<k8s.core.v1.Probe>): k8s.core.v1.Probe {
  return { httpGet: { path, port: port.name }, ...figures };
}

/** In: the router and the namespace. Out: the models and DNS, so that no request can reach a foreign API. */
export function networkPolicy(context: Context, list: readonly Registration[]): k8s.networking.v1.NetworkPolicy {
  const { args } = context;
  return {
    metadata: shared.metadata(context, args.component),
    spec: {
      podSelector: { matchLabels: shared.selector(args) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: ingressPeers(args), ports: [{ protocol: "TCP", port: port.name }] }],
      egress: [dns, ...modelPeers(args, list)],
    },
  };
}

/** https://docs.openshift.com/container-platform/latest/networking/network_security/network_policy/about-network-policy.html */
function ingressPeers({ routeEnabled }: GatewayArgs): k8s.networking.v1.NetworkPolicyPeer[] {
  const sameNamespace = { podSelector: {} };
  if (!routeEnabled) return [sameNamespace];
  const routers = ["ingress", "host-network"].map((group) => ({
    namespaceSelector: { matchLabels: { [`policy-group.network.openshift.io/${group}`]: "" } },
  }));
  return [sameNamespace, ...routers];
}

/** OpenShift's DNS pods listen on 5353, other clusters' on 53. */
const dns: k8s.networking.v1.NetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: {
        matchExpressions: [
          { key: "kubernetes.io/metadata.name", operator: "In", values: ["openshift-dns", "kube-system"] },
        ],
      },
    },
  ],
  ports: [53, 5353].flatMap((number) => ["UDP", "TCP"].map((protocol) => ({ protocol, port: number }))),
};

function modelPeers(
  { egressCidrs }: GatewayArgs,
  list: readonly Registration[],
): k8s.networking.v1.NetworkPolicyEgressRule[] {
  const urls = [...new Set(list.map(({ url }) => url))].map((url) => new URL(url));
  const services = urls.filter(({ hostname }) => hostname.endsWith(".svc")).map(servicePeer);
  const outside = urls.some(({ hostname }) => !hostname.endsWith(".svc"));
  if (!outside || egressCidrs.length === 0) return services;
  return [
    ...services,
    { to: egressCidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: [{ protocol: "TCP", port: 443 }] },
  ];
}

/** The pods behind `http://<component>.<namespace>.svc:<port>`: the Service, the label and the component share a name. */
function servicePeer({ hostname, port: number }: URL): k8s.networking.v1.NetworkPolicyEgressRule {
  const [component = "", ns = ""] = hostname.split(".");
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": ns } },
        podSelector: { matchLabels: { app: component } },
      },
    ],
    ports: [{ protocol: "TCP", port: Number(number) }],
  };
}
