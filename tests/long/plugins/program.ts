/**
 * A program made of whatever resources `PLUGIN_TEST_PROGRAM` lists, so that a test changes its program by changing a value. Strings
 * `$secret:…` are secret, and `$ref:<resource>:<path>` reads another resource's output.
 */
import * as pulumi from "@pulumi/pulumi";

export interface Program {
  provider: Record<string, unknown>;
  resources: Record<string, { type: string; args: Record<string, unknown>; options?: pulumi.CustomResourceOptions }>;
  outputs?: Record<string, string>;
}

const program = JSON.parse(process.env["PLUGIN_TEST_PROGRAM"] ?? "") as Program;

class Resource extends pulumi.CustomResource {
  constructor(type: string, name: string, args: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super(type, name, { metadata: undefined, status: undefined, result: undefined, ...args }, options);
  }
}

class Provider extends pulumi.ProviderResource {
  constructor(args: pulumi.Inputs) {
    super("kubernetes", "cluster", args);
  }
}

const provider = new Provider(program.provider);
const resources = new Map<string, Resource>();

function resolve(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith("$secret:")) return pulumi.secret(value.slice("$secret:".length));
  if (typeof value === "string" && value.startsWith("$ref:")) return reference(value.slice("$ref:".length));
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
}

function reference(text: string): pulumi.Output<unknown> {
  const [name = "", path = ""] = text.split(":");
  const [property = "", ...rest] = path.split(".");
  const outputs = resources.get(name) as unknown as Record<string, pulumi.Output<unknown>> | undefined;
  const output = outputs?.[property];
  if (output === undefined) throw new Error(`${text} names no output of an earlier resource`);
  return output.apply((root) =>
    rest.reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], root),
  );
}

for (const [name, { type, args, options }] of Object.entries(program.resources)) {
  const own = type.startsWith("kubernetes:") ? { provider, ...options } : { ...options };
  resources.set(name, new Resource(type, name, resolve(args) as pulumi.Inputs, own));
}

module.exports = Object.fromEntries(Object.entries(program.outputs ?? {}).map(([key, text]) => [key, resolve(text)]));
