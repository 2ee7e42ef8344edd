import * as pulumi from "@pulumi/pulumi";
import { type Provider, entry, noKey } from "../entries";
import type { GatedModels } from "../gate";
import { type PublicEntry, registrationProvider } from "./provider";

interface RegisteredModelArgs {
  url: pulumi.Input<string>;
  adminKey: pulumi.Input<string>;
  apiKey: pulumi.Input<string>;
  entry: PublicEntry;
}

/** One entry of a LiteLLM that exists. */
class RegisteredModel extends pulumi.dynamic.Resource {
  constructor(name: string, args: RegisteredModelArgs, opts: pulumi.CustomResourceOptions) {
    const secrets = { additionalSecretOutputs: ["adminKey", "apiKey"] };
    super(registrationProvider, name, { ...args }, { ...opts, ...secrets }, "litellm", "Registration");
  }
}

export interface RegisteredArgs extends GatedModels {
  /** URL of the LiteLLM, without `/v1`. */
  url: string;
  adminKey: pulumi.Input<string>;
  provider: Provider;
}

/** The models as entries of a LiteLLM that exists. Only entries that this stack has made are ever touched. */
export class Registered extends pulumi.ComponentResource {
  /** Known once every entry is written. */
  readonly registered: pulumi.Output<unknown>;

  constructor(name: string, { url, adminKey, provider, registrations, modelKeys, gate }: RegisteredArgs) {
    super("vllm-gateway:index:Registered", name);
    const hooks = new Map<string, pulumi.ResourceHook>();
    const entries = registrations.map((registration) => {
      const { ref, alias, hasApiKey } = registration;
      const hook = hooks.get(ref) ?? gate.hook(`${name}-gate-${ref}`, [ref]);
      hooks.set(ref, hook);
      const { litellm_params, ...rest } = entry(registration, provider, undefined);
      const { model, api_base } = litellm_params;
      return new RegisteredModel(
        `${name}-${alias}-${ref}`,
        {
          url,
          adminKey: pulumi.secret(adminKey),
          apiKey: pulumi.secret(hasApiKey ? (modelKeys[ref] ?? noKey) : noKey),
          entry: { ...rest, litellm_params: { model, api_base } },
        },
        { parent: this, hooks: { beforeCreate: [hook], beforeUpdate: [hook] } },
      );
    });
    this.registered = pulumi.all(entries.map(({ urn }) => urn));
    this.registerOutputs({ entries: registrations.map(({ id }) => id) });
  }
}
