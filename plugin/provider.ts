import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { SharedNamespace, type SharedNamespaceArgs, VllmInference } from "../components";
import { version } from "../package.json";
import schema from "./schema.json";

type Construct = (name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions) => pulumi.Resource;

// What a program in another language gives is judged by the components, as what one in JavaScript gives.
const components: Record<string, Construct> = {
  "vllm-inference:index:VllmInference": (name, inputs, options) => new VllmInference(name, inputs, options),
  "vllm-inference:index:SharedNamespace": (name, inputs, options) =>
    new SharedNamespace(name, inputs as unknown as SharedNamespaceArgs, options),
};

/** What the schema says that a component tells. */
function stateOf(type: string, component: pulumi.Resource): pulumi.Inputs {
  const { properties } = schema.resources[type as keyof typeof schema.resources];
  const told = component as unknown as pulumi.Inputs;
  return Object.fromEntries(Object.keys(properties).map((key) => [key, told[key]]));
}

/** The components as a package of Pulumi's, for programs in any of its languages. */
const provider: pulumi.provider.Provider = {
  version,
  getSchema: () => Promise.resolve(readFileSync(path.join(__dirname, "schema.json"), "utf8")),
  construct: (name, type, inputs, options) => {
    const construct = components[type];
    if (construct === undefined) throw new Error(`this package has no '${type}'`);
    const component = construct(name, inputs, options);
    return Promise.resolve({ urn: component.urn, state: stateOf(type, component) });
  },
};

/** Serves the engine until it ends this process. */
export function serve(): void {
  void pulumi.provider.main(provider, process.argv.slice(2));
}
