import * as core from "@pulumi/kubernetes/core/v1";
import * as apps from "@pulumi/kubernetes/apps/v1";
import * as rbac from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { VllmInferenceArgs } from "./args/args";
import { templateText } from "./args/chatTemplate";
import { namingThisStack } from "./cluster/commands";
import { clusterProblems, placement } from "./cluster/placement";
import { besides } from "./config/entries";
import { checkArgs } from "./config/givenArgs";
import { argsSchema, contentKeys } from "./config/schema";
import { type Problem, problemsText } from "./text/errors";
import { imageNotes, lineSource } from "./args/imageLine";
import * as manifests from "./manifests";
import { Route } from "./manifests/routeResource";
import { hold, holdingsOf } from "./hooks/holdings";
import { takesHooks } from "./cluster/engine";
import { ownerOf } from "./hooks/ownership";
import { together } from "./readiness/together";
import type { ResolvedArgs } from "./args/resolve";
import { type Judge, knownArgs, shapeOf } from "./known";
import { modelFit, validate } from "./args/validate";
import { componentHooks } from "./componentHooks";
import { lineOfVersion } from "./images/lineOf";
import { VersionMemory } from "./versions";

/** What a builder makes, once it is known what of. */
type Inputs = <T extends object>(build: (context: manifests.Context) => T) => T;

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
  /** The line of the image, where it is known. */
  readonly imageLine: pulumi.Output<string | undefined>;
  /** What the server has answered at `/version`, if it was asked. No output where the line is known without it. */
  readonly vllmVersion: pulumi.Output<string | undefined> | undefined;
  /** Names by which clients ask for the adapters. No output where there are none: Pulumi warns of one that is undefined. */
  readonly loraAdapters: pulumi.Output<string[]> | undefined;
  readonly apiKeySecretName: pulumi.Output<string | undefined>;
  readonly apiKey: pulumi.Output<string | undefined>;

  constructor(name: string, args: VllmInferenceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vllm-inference:index:VllmInference", name, {}, opts);
    const { cluster, ...rest } = args;
    const given = this.getProvider("kubernetes:core/v1:Namespace");
    const checked = checkArgs(rest, argsSchema, contentKeys);
    const shape = shapeOf(name, checked.args);
    const refusal = (problems: readonly Problem[], source = ""): pulumi.ResourceError =>
      new pulumi.ResourceError(
        namingThisStack(problemsText(`the arguments of '${name}'`, problems)) + source,
        this,
        true,
      );
    const problems = [
      ...clusterProblems(cluster, given),
      ...checked.problems,
      ...besides(checked.problems, validate(shape)),
    ];
    if (problems.length > 0) throw refusal(problems);
    const placed = placement(name, cluster, given, this);
    const { provider, connection } = placed;
    const versions = shape.line === undefined && takesHooks() ? new VersionMemory(this) : undefined;
    const remembered = versions && ((image: string) => versions.lineOf(image));
    const judge: Judge = (args, wrong) => {
      if (wrong.length > 0) return refusal(wrong, lineSource(args));
      const holdings = holdingsOf(args);
      const found = hold({ type: "VllmInference", name, parent: opts?.parent, connection, holdings });
      if (found.length > 0) return new pulumi.ResourceError(found.join("\n"), this, true);
      for (const note of [...imageNotes(args), ...modelFit(args).notes]) void pulumi.log.info(note, this);
      return undefined;
    };
    const known = knownArgs(name, checked.args, shape, judge, remembered);
    const owner = ownerOf(this);
    const inputs: Inputs = (build) => known.inputs((args) => build({ args, owner }));
    const models = together();
    models.set(name, "pending");
    const hooks = takesHooks()
      ? componentHooks({ component: this, shape, now: known.now, placed, models, versions })
      : undefined;
    // A replacement that is asked for (`--target-replace`) would otherwise create over the old object and then delete both.
    const base = {
      parent: this,
      provider,
      ...hooks?.each,
      deleteBeforeReplace: true,
    };
    const kept = shape.protectClaim;
    // Where several models had been made by one configuration, and it is one again.
    const shared = pulumi.createUrn(name, "vllm-inference:index:SharedNamespace", opts?.parent);

    // The claim goes with its namespace, so both are protected or neither.
    const namespace = shape.createNamespace
      ? [
          new core.Namespace(
            `${name}-namespace`,
            inputs((context) => manifests.namespace(context, shape.keepNamespace)),
            {
              ...base,
              ...hooks?.first,
              protect: kept,
              retainOnDelete: shape.keepNamespace,
              aliases: [{ parent: shared }],
            },
          ),
        ]
      : [];
    const inNamespace = { ...base, dependsOn: namespace };
    const account = new core.ServiceAccount(`${name}-service-account`, inputs(manifests.serviceAccount), {
      ...inNamespace,
      ...hooks?.first,
    });
    const grant = manifests.grantsScc(shape) ? this.grantScc(name, inputs, inNamespace) : [];
    const { hfToken } = shape;
    const token =
      hfToken === undefined || shape.hfTokenSecret !== undefined
        ? []
        : [
            new core.Secret(
              `${name}-hf-token`,
              inputs((context) => manifests.tokenSecret(context, shape.names.tokenSecret, hfToken)),
              { ...inNamespace, aliases: [{ parent: shared }] },
            ),
          ];
    const apiKey = shape.apiKeyEnabled ? this.generateApiKey(shape, provider) : undefined;
    const apiKeySecret = apiKey
      ? [
          new core.Secret(
            `${name}-api-key`,
            inputs((context) => manifests.apiKeySecret(context, apiKey)),
            inNamespace,
          ),
        ]
      : [];
    const claim =
      shape.existingClaim === undefined
        ? [
            new core.PersistentVolumeClaim(`${name}-claim`, inputs(manifests.claim), {
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
      inputs((context) => manifests.downloaderConfigMap(context, script)),
      inNamespace,
    );
    const template = shape.chatTemplate === undefined ? undefined : templateText(shape.chatTemplate);
    const templates =
      template === undefined
        ? []
        : [
            new core.ConfigMap(
              `${name}-chat-template`,
              inputs((context) => manifests.chatTemplateConfigMap(context, template)),
              inNamespace,
            ),
          ];
    const service = new core.Service(`${name}-service`, inputs(manifests.service), inNamespace);

    const checksums = {
      script: manifests.checksum(JSON.stringify(script)),
      ...(shape.hfToken !== undefined && { token: manifests.checksum(shape.hfToken) }),
      ...(template !== undefined && { "chat-template": manifests.checksum(template) }),
      ...(apiKey && { "api-key": manifests.checksum(apiKey) }),
    };
    const deployment = new apps.Deployment(
      `${name}-deployment`,
      inputs((context) => manifests.deployment(context, checksums, claim[0]?.metadata.name)),
      {
        ...inNamespace,
        // Without the grant and what it mounts, the first pod is refused or stuck.
        dependsOn: [account, ...grant, ...token, ...apiKeySecret, ...claim, downloader, ...templates],
        customTimeouts: { create: "1m", update: "1m", delete: `${300 + shape.terminationGracePeriodSeconds}s` },
      },
    );
    const route = shape.routeEnabled
      ? new Route(`${name}-route`, inputs(manifests.route), {
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
    const url = host.apply((named) => (named === undefined ? undefined : `https://${named}`));
    const internalUrl = known.output(manifests.internalUrl);
    const facts = {
      url: pulumi.all([url, internalUrl]).apply(([route, internal]) => route ?? internal),
      internalUrl,
      deploymentUid: deployment.metadata.uid,
      // A preview that cannot ask the cluster what would become of the Deployment does not know it, whatever the type says.
      deploymentGeneration: deployment.metadata.generation.apply((generation: number | undefined) =>
        String(generation ?? "known after the update"),
      ),
      ...(route && { routeUid: route.metadata.uid }),
    };
    const published = new core.ConfigMap(
      `${name}-published`,
      inputs((context) => manifests.published(context, facts)),
      {
        ...inNamespace,
        dependsOn: [deployment, service, ...claim, ...(route ? [route] : [])],
        ...hooks?.last,
      },
    );

    published.urn.apply(() => models.set(name, "served"));
    // Whoever reads the outputs, a gateway for one, must find what serves: an `up` that fails leaves the old ones.
    const proven = <T>(value: pulumi.Input<T>): pulumi.Output<T> =>
      pulumi.all([value, published.urn]).apply(([told]) => told) as pulumi.Output<T>;
    this.routeHost = proven(host);
    this.routeUrl = proven(url);
    this.internalUrl = proven(internalUrl);
    this.namespace = proven(known.output(({ namespace }) => namespace));
    this.modelId = proven(shape.modelId);
    this.servedModelNames = proven(shape.servedModelNames);
    this.maxModelLen = proven(shape.maxModelLen);
    this.toolCallParser = proven(shape.enableAutoToolChoice ? shape.toolCallParser : undefined);
    const named = proven(known.output(({ line }) => line?.name));
    const told = versions && proven(known.output(({ line, image }) => (line ? undefined : image)));
    this.vllmVersion = told?.apply(async (image) => (image === undefined ? undefined : versions?.versionOf(image)));
    this.imageLine = pulumi
      .all([named, this.vllmVersion])
      .apply(([name, version]) => name ?? (version === undefined ? undefined : lineOfVersion(version)?.name));
    const adapters = shape.loraAdapters.map((adapter) => adapter.name);
    this.loraAdapters = adapters.length > 0 ? proven(adapters) : undefined;
    this.apiKeySecretName = proven(apiKey ? shape.names.apiKeySecret : undefined);
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
      imageLine: this.imageLine,
      vllmVersion: this.vllmVersion,
      image: told,
      loraAdapters: this.loraAdapters,
      apiKeySecretName: this.apiKeySecretName,
      apiKey: this.apiKey,
    });
  }

  private grantScc(name: string, inputs: Inputs, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const role = new rbac.Role(`${name}-scc-role`, inputs(manifests.sccRole), opts);
    const binding = inputs(manifests.sccRoleBinding);
    return [new rbac.RoleBinding(`${name}-scc-role-binding`, binding, { ...opts, dependsOn: [role] })];
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
