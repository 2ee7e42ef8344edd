import * as core from "@pulumi/kubernetes/core/v1";
import * as apps from "@pulumi/kubernetes/apps/v1";
import * as rbac from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { VllmInferenceArgs } from "./args/args";
import { templateText } from "./args/chatTemplate";
import { namingThisStack } from "./cluster/commands";
import { clusterProblems, type Placement, placement } from "./cluster/placement";
import { ClusterProvider } from "./cluster/provider";
import { besides } from "./config/entries";
import { checkArgs } from "./config/givenArgs";
import { argsSchema } from "./config/schema";
import { driftHook } from "./hooks/drift";
import { problemsText } from "./text/errors";
import { imageNotes } from "./args/imageLine";
import { startupLimits } from "./args/limits";
import * as manifests from "./manifests";
import { Route } from "./manifests/routeResource";
import { hold, holdingsOf } from "./hooks/holdings";
import { madeBy } from "./hooks/made";
import { sameClusterHook } from "./hooks/sameCluster";
import { takesHooks } from "./hooks/supported";
import { ownerOf, ownershipHook } from "./hooks/ownership";
import { gateTarget, readinessHook } from "./readiness";
import { together, type Together } from "./readiness/together";
import { remedyHook } from "./hooks/remedy";
import { type ResolvedArgs, resolveArgs } from "./args/resolve";
import { modelFit, validate } from "./args/validate";

/** A vLLM server with its model, from the namespace to the Route. Done means that it serves. */
export class VllmInference extends pulumi.ComponentResource {
  readonly routeUrl: pulumi.Output<string | undefined>;
  readonly routeHost: pulumi.Output<string | undefined>;
  readonly internalUrl: pulumi.Output<string>;
  readonly namespace: pulumi.Output<string>;
  readonly modelId: pulumi.Output<string>;
  readonly servedModelNames: pulumi.Output<string[]>;
  readonly maxModelLen: pulumi.Output<number>;
  readonly toolCallParser: pulumi.Output<string | undefined>;
  /** Names by which clients ask for the adapters. No output where there are none: Pulumi warns of one that is undefined. */
  readonly loraAdapters: pulumi.Output<string[]> | undefined;
  readonly apiKeySecretName: pulumi.Output<string | undefined>;
  readonly apiKey: pulumi.Output<string | undefined>;

  constructor(name: string, args: VllmInferenceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vllm-inference:index:VllmInference", name, {}, opts);
    const { cluster, ...rest } = args;
    const given = this.getProvider("kubernetes:core/v1:Namespace");
    const checked = checkArgs(rest, argsSchema);
    const resolved = resolveArgs(name, checked.args);
    const problems = [
      ...clusterProblems(cluster, given),
      ...checked.problems,
      ...besides(checked.problems, validate(resolved)),
    ];
    if (problems.length > 0) {
      const text = namingThisStack(problemsText(`the arguments of '${name}'`, problems));
      throw new pulumi.ResourceError(text, this, true);
    }
    const placed = placement(name, cluster, given, this);
    const { provider, connection } = placed;
    const found = hold({
      type: "VllmInference",
      name,
      parent: opts?.parent,
      connection,
      holdings: holdingsOf(resolved),
    });
    if (found.length > 0) throw new pulumi.ResourceError(found.join("\n"), this, true);
    for (const note of [...imageNotes(resolved), ...modelFit(resolved).notes]) void pulumi.log.info(note, this);
    const context: manifests.Context = { args: resolved, owner: ownerOf(this) };
    const models = together();
    models.set(name, "pending");
    const hooks = takesHooks() ? this.hooks(resolved, placed, models) : undefined;
    // A replacement that is asked for (`--target-replace`) would otherwise create over the old object and then delete both.
    const base = {
      parent: this,
      provider,
      ...hooks?.each,
      deleteBeforeReplace: true,
    };
    const kept = resolved.protectClaim;
    // Where several models had been made by one configuration, and it is one again.
    const shared = pulumi.createUrn(name, "vllm-inference:index:SharedNamespace", opts?.parent);

    // The claim goes with its namespace, so both are protected or neither.
    const namespace = resolved.createNamespace
      ? [
          new core.Namespace(`${name}-namespace`, manifests.namespace(context, resolved.keepNamespace), {
            ...base,
            ...hooks?.first,
            protect: kept,
            retainOnDelete: resolved.keepNamespace,
            aliases: [{ parent: shared }],
          }),
        ]
      : [];
    const inNamespace = { ...base, dependsOn: namespace };
    const account = new core.ServiceAccount(`${name}-service-account`, manifests.serviceAccount(context), {
      ...inNamespace,
      ...hooks?.first,
    });
    const grant = manifests.grantsScc(resolved) ? this.grantScc(context, inNamespace) : [];
    const token =
      resolved.hfToken === undefined || resolved.hfTokenSecret !== undefined
        ? []
        : [
            new core.Secret(
              `${name}-hf-token`,
              manifests.tokenSecret(context, resolved.names.tokenSecret, resolved.hfToken),
              { ...inNamespace, aliases: [{ parent: shared }] },
            ),
          ];
    const apiKey = resolved.apiKeyEnabled ? this.generateApiKey(resolved, provider) : undefined;
    const apiKeySecret = apiKey
      ? [new core.Secret(`${name}-api-key`, manifests.apiKeySecret(context, apiKey), inNamespace)]
      : [];
    const claim =
      resolved.existingClaim === undefined
        ? [
            new core.PersistentVolumeClaim(`${name}-claim`, manifests.claim(context), {
              ...inNamespace,
              protect: kept,
              // A claim that somebody else's pod mounts is not deleted: that must fail soon, not after ten minutes.
              customTimeouts: { delete: "1m" },
            }),
          ]
        : [];
    const script = manifests.downloaderScript();
    const downloader = new core.ConfigMap(
      `${name}-downloader`,
      manifests.downloaderConfigMap(context, script),
      inNamespace,
    );
    const template = resolved.chatTemplate === undefined ? undefined : templateText(resolved.chatTemplate);
    const templates =
      template === undefined
        ? []
        : [
            new core.ConfigMap(
              `${name}-chat-template`,
              manifests.chatTemplateConfigMap(context, template),
              inNamespace,
            ),
          ];
    const service = new core.Service(`${name}-service`, manifests.service(context), inNamespace);

    const checksums = {
      script: manifests.checksum(JSON.stringify(script)),
      ...(resolved.hfToken !== undefined && { token: manifests.checksum(resolved.hfToken) }),
      ...(template !== undefined && { "chat-template": manifests.checksum(template) }),
      ...(apiKey && { "api-key": manifests.checksum(apiKey) }),
    };
    const deployment = new apps.Deployment(
      `${name}-deployment`,
      manifests.deployment(context, checksums, claim[0]?.metadata.name),
      {
        ...inNamespace,
        // Without the grant and what it mounts, the first pod is refused or stuck.
        dependsOn: [account, ...grant, ...token, ...apiKeySecret, ...claim, downloader, ...templates],
        customTimeouts: { create: "1m", update: "1m", delete: `${300 + resolved.terminationGracePeriodSeconds}s` },
      },
    );
    const route = resolved.routeEnabled
      ? new Route(`${name}-route`, manifests.route(context), {
          ...inNamespace,
          dependsOn: [service],
          customTimeouts: { create: "15s", update: "15s" },
          // OpenShift lets nobody change a Route's host without a right of its own, and two Routes cannot share one name.
          replaceOnChanges: ["spec.host"],
          deleteBeforeReplace: true,
        })
      : undefined;

    // The preview of a new Route knows its inputs already, but not its id: a host that is yet to be generated is then unknown, not absent.
    const host = pulumi.all([route?.id, route?.spec]).apply(([, spec]) => spec?.host);
    const url = host.apply((known) => (known === undefined ? undefined : `https://${known}`));
    const internalUrl = manifests.internalUrl(resolved);
    const facts = {
      url: url.apply((known) => known ?? internalUrl),
      internalUrl,
      deploymentUid: deployment.metadata.uid,
      // A preview that cannot ask the cluster what would become of the Deployment does not know it, whatever the type says.
      deploymentGeneration: deployment.metadata.generation.apply((generation: number | undefined) =>
        String(generation ?? "known after the update"),
      ),
      ...(route && { routeUid: route.metadata.uid }),
    };
    const published = new core.ConfigMap(`${name}-published`, manifests.published(context, facts), {
      ...inNamespace,
      dependsOn: [deployment, service, ...claim, ...(route ? [route] : [])],
      ...hooks?.last,
    });

    published.urn.apply(() => models.set(name, "served"));
    // Whoever reads the outputs, a gateway for one, must find what serves: an `up` that fails leaves the old ones.
    const proven = <T>(value: pulumi.Input<T>): pulumi.Output<T> =>
      pulumi.all([value, published.urn]).apply(([known]) => known) as pulumi.Output<T>;
    this.routeHost = proven(host);
    this.routeUrl = proven(url);
    this.internalUrl = proven(internalUrl);
    this.namespace = proven(resolved.namespace);
    this.modelId = proven(resolved.modelId);
    this.servedModelNames = proven(resolved.servedModelNames);
    this.maxModelLen = proven(resolved.maxModelLen);
    this.toolCallParser = proven(resolved.enableAutoToolChoice ? resolved.toolCallParser : undefined);
    const adapters = resolved.loraAdapters.map((adapter) => adapter.name);
    this.loraAdapters = adapters.length > 0 ? proven(adapters) : undefined;
    this.apiKeySecretName = proven(apiKey ? resolved.names.apiKeySecret : undefined);
    this.apiKey = proven(apiKey ? pulumi.secret(apiKey) : undefined);
    this.registerOutputs({
      routeUrl: this.routeUrl,
      routeHost: this.routeHost,
      internalUrl: this.internalUrl,
      namespace: this.namespace,
      modelId: this.modelId,
      servedModelNames: this.servedModelNames,
      maxModelLen: this.maxModelLen,
      toolCallParser: this.toolCallParser,
      loraAdapters: this.loraAdapters,
      apiKeySecretName: this.apiKeySecretName,
      apiKey: this.apiKey,
    });
  }

  private hooks(
    args: ResolvedArgs,
    { provider, connection }: Placement,
    models: Together,
  ): Record<"each" | "first" | "last", pulumi.CustomResourceOptions> {
    const name = args.component;
    const ownership = ownershipHook(`${name}-ownership`, connection, args.adoptExisting, madeBy(args));
    const remedy = remedyHook(`${name}-remedy`, { args, connection }, this, () => models.end());
    const readiness = readinessHook(`${name}-readiness`, gateTarget(args), startupLimits(args), connection, models);
    const drift = driftHook(`${name}-drift`, connection);
    const each = { beforeCreate: [ownership], beforeUpdate: [drift], onError: [remedy] };
    const same = provider instanceof ClusterProvider ? [] : [sameClusterHook(`${name}-same-cluster`, connection)];
    return {
      each: { hooks: each },
      first: { hooks: same.length > 0 ? { ...each, afterCreate: same } : each },
      last: { hooks: { beforeCreate: [ownership, readiness], beforeUpdate: [drift, readiness] } },
    };
  }

  private grantScc(context: manifests.Context, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { component } = context.args;
    const role = new rbac.Role(`${component}-scc-role`, manifests.sccRole(context), opts);
    const binding = manifests.sccRoleBinding(context);
    return [new rbac.RoleBinding(`${component}-scc-role-binding`, binding, { ...opts, dependsOn: [role] })];
  }

  private generateApiKey({ component, apiKeyRotation }: ResolvedArgs, cluster: pulumi.Resource): pulumi.Output<string> {
    const keepers = { rotation: String(apiKeyRotation) };
    // No new key for a cluster that does not answer.
    const opts = { parent: this, dependsOn: [cluster] };
    const made = new random.RandomPassword(`${component}-api-key`, { length: 40, special: false, keepers }, opts);
    // Mocks that hand back the inputs alone have none.
    return made.result.apply((key: string | undefined) => key ?? "");
  }
}
