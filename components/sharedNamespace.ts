import * as core from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { clusterProblems, placement } from "./cluster/placement";
import { checkArgs } from "./config/givenArgs";
import { sharedArgsSchema } from "./config/schema";
import { names } from "./args/names";
import { namespaceProblems } from "./args/rules";
import type { SharedNamespaceArgs } from "./args/sharedArgs";
import { driftHook } from "./hooks/drift";
import { failureHook } from "./hooks/ending";
import { hold } from "./hooks/holdings";
import { takesHooks } from "./cluster/engine";
import { problemsText } from "./text/errors";
import { ownerOf, ownershipHook } from "./hooks/ownership";
import * as manifests from "./manifests";

/**
 * What several models of one namespace share, made once beside them: the namespace, and the token. Taking any model away leaves both.
 * Named as the `VllmInference` that has made them so far, it goes on with them.
 */
export class SharedNamespace extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;
  /** Name of the Secret, for the models' `hfTokenSecret`; undefined without a token. */
  readonly tokenSecret: pulumi.Output<string | undefined>;

  constructor(name: string, args: SharedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vllm-inference:index:SharedNamespace", name, {}, opts);
    const { cluster, ...rest } = args;
    const given = this.getProvider("kubernetes:core/v1:Namespace");
    const checked = checkArgs(rest, sharedArgsSchema, ["hfToken"]);
    const named = typeof checked.args.namespace === "string" ? checked.args.namespace : undefined;
    const problems = [
      ...clusterProblems(cluster, given),
      ...checked.problems,
      ...(named === undefined ? [] : namespaceProblems(named, "vllm-inference")),
    ];
    if (problems.length > 0) {
      throw new pulumi.ResourceError(problemsText(`the arguments of '${name}'`, problems), this, true);
    }
    const { namespace, createNamespace = true, keepNamespace = false, hfToken } = args;
    const { provider, connection } = placement(name, cluster, given, this);
    const found = hold({
      type: "SharedNamespace",
      name,
      parent: opts?.parent,
      connection,
      holdings: [{ kind: "Namespace", name: namespace, how: createNamespace ? "shares" : "uses" }],
    });
    if (found.length > 0) throw new pulumi.ResourceError(found.join("\n"), this, true);
    const context = { args: { component: name, namespace }, owner: ownerOf(this) };
    const base = {
      parent: this,
      provider,
      aliases: [{ parent: pulumi.createUrn(name, "vllm-inference:index:VllmInference", opts?.parent) }],
      deleteBeforeReplace: true,
      ...(takesHooks() && {
        hooks: {
          beforeCreate: [ownershipHook(`${name}-shared-ownership`, connection, args.adoptExisting ?? false)],
          beforeUpdate: [driftHook(`${name}-shared-drift`, connection)],
          onError: [failureHook(`${name}-shared-failure`)],
        },
      }),
    };
    const made = createNamespace
      ? [
          new core.Namespace(`${name}-namespace`, manifests.namespace(context, keepNamespace), {
            ...base,
            protect: args.protectNamespace ?? false,
            retainOnDelete: keepNamespace,
          }),
        ]
      : [];
    const tokenName = names(name).tokenSecret;
    const secret =
      hfToken === undefined
        ? undefined
        : new core.Secret(`${name}-hf-token`, manifests.tokenSecret(context, tokenName, hfToken), {
            ...base,
            dependsOn: made,
          });
    this.namespace = pulumi.output(made[0]?.metadata.name ?? namespace);
    this.tokenSecret = pulumi.output(secret?.metadata.name);
    this.registerOutputs({ namespace: this.namespace, tokenSecret: this.tokenSecret });
  }
}
