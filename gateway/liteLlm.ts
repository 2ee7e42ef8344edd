import * as apps from "@pulumi/kubernetes/apps/v1";
import * as core from "@pulumi/kubernetes/core/v1";
import * as networking from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ClusterProvider } from "../components/cluster/provider";
import { checksum, opaque } from "../components/manifests";
import { Route } from "../components/manifests/routeResource";
import { failureHook } from "../components/hooks/ending";
import { ownerOf, ownershipHook } from "../components/hooks/ownership";
import type { GatedModels } from "./gate";
import { configFile } from "./entries";
import { readySeconds, stopSeconds } from "./limits";
import * as manifests from "./manifests";
import type { Settings } from "./settings";

export interface LiteLlmArgs extends GatedModels {
  cluster: ClusterProvider;
  settings: Settings;
}

/** LiteLLM in front of the models. A list that the gate refuses changes nothing: the old pod goes on with the old one. */
export class LiteLlm extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly key: pulumi.Output<string>;
  /** Known once the pod that knows the aliases answers. */
  readonly registered: pulumi.Output<unknown>;

  constructor(name: string, { cluster, settings, registrations, modelKeys, gate }: LiteLlmArgs) {
    super("vllm-gateway:index:LiteLlm", name);
    const args = manifests.gatewayArgs(name, settings);
    const context: manifests.Context = { args, owner: ownerOf(this) };
    const ownership = ownershipHook(`${name}-ownership`, cluster.connection, args.adoptExisting);
    const refs = [...new Set(registrations.map(({ ref }) => ref))];
    const proven = gate.hook(`${name}-gate`, refs);
    const onError = [failureHook(`${name}-failure`)];
    const hooks = { beforeCreate: [ownership], onError };
    const base = { parent: this, provider: cluster, hooks, deleteBeforeReplace: true };

    const namespace = args.createNamespace
      ? [new core.Namespace(`${name}-namespace`, manifests.namespace(context), base)]
      : [];
    const inNamespace = { ...base, dependsOn: namespace };
    const gated = { ...inNamespace, hooks: { beforeCreate: [ownership, proven], beforeUpdate: [proven], onError } };
    const account = new core.ServiceAccount(`${name}-service-account`, manifests.serviceAccount(context), inNamespace);

    const keepers = { rotation: String(args.masterKeyRotation) };
    const generated = new random.RandomPassword(
      `${name}-master-key`,
      { length: 48, special: false, keepers },
      // No new key for a cluster that does not answer.
      { parent: this, dependsOn: [cluster] },
    );
    const key = pulumi.secret(pulumi.interpolate`sk-${generated.result}`);
    const masterKey = new core.Secret(
      `${name}-master-key`,
      opaque(context, args.names.masterKeySecret, { [manifests.masterKeyKey]: key }),
      gated,
    );
    const keyed = manifests.keyedModels(registrations).map((ref) => [ref, modelKeys[ref] ?? ""] as const);
    const keys = Object.fromEntries(keyed.map(([ref, key]) => [manifests.modelKeyKey(ref), key]));
    const keySecret = new core.Secret(`${name}-model-keys`, opaque(context, args.names.modelKeysSecret, keys), gated);
    const { name: configName, ...configMap } = manifests.configMap(context, configFile(registrations, args.provider));
    // A name of its own for each content: the old one is deleted last, when the new pod answers.
    const config = new core.ConfigMap(`${name}-config-${configName.slice(-10)}`, configMap, gated);

    const policy = new networking.NetworkPolicy(
      `${name}-network-policy`,
      manifests.networkPolicy(context, registrations),
      gated,
    );
    const service = new core.Service(`${name}-service`, manifests.service(context), inNamespace);
    const checksums = { "master-key": checksum(key), "model-keys": checksum(pulumi.jsonStringify(keys)) };
    const deployment = new apps.Deployment(
      `${name}-deployment`,
      manifests.deployment(context, registrations, configName, checksums),
      {
        ...inNamespace,
        dependsOn: [account, masterKey, keySecret, config, policy],
        customTimeouts: { create: `${readySeconds}s`, update: `${readySeconds}s`, delete: `${stopSeconds}s` },
      },
    );
    const route = args.routeEnabled
      ? new Route(`${name}-route`, manifests.route(context), {
          ...inNamespace,
          dependsOn: [service],
          customTimeouts: { create: "60s", update: "60s" },
          // OpenShift lets nobody change a Route's host without a right of its own.
          replaceOnChanges: ["spec.host"],
        })
      : undefined;
    this.registered = deployment.urn;
    // What clients are told must be what the pod knows: a refused list leaves the old outputs too.
    this.key = pulumi.all([key, this.registered]).apply(([known]) => known);
    const host =
      route && pulumi.all([route.spec, route.status]).apply(([spec, status]) => manifests.servedHost(spec, status));
    this.url = pulumi
      .all([host, this.registered])
      .apply(([served]) => (route ? `https://${served ?? ""}` : manifests.internalUrl(args)));
    this.registerOutputs({ url: this.url, key: this.key });
  }
}
