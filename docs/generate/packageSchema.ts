/**
 * The schema of the package in plugin/, by which the Pulumi CLI makes SDKs for other languages: names and types from the schemas that judge
 * the arguments, descriptions from their TSDoc. https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
 */
import type { ComplexTypeSpec, PackageSpec, PropertySpec, ResourceSpec, TypeSpec } from "./packageSpec";
import { z } from "zod";
import { argsSchema, contentKeys, sharedArgsSchema } from "../../components/config/schema";
import { version } from "../../package.json";
import { argumentComments } from "./configuration";

export const packageFile = "plugin/schema.json";

const packageName = "vllm-inference";
const token = (name: string): string => `${packageName}:index:${name}`;

/** What the component tells, by kind; those of `sometimes` are not there in each. */
const outputs = {
  VllmInference: {
    always: { internalUrl: "string", namespace: "string", modelId: "string", maxModelLen: "integer" },
    sometimes: {
      routeUrl: "string",
      routeHost: "string",
      toolCallParser: "string",
      imageLine: "string",
      vllmVersion: "string",
      apiKeySecretName: "string",
      apiKey: "string",
    },
    lists: ["servedModelNames", "loraAdapters"],
  },
  SharedNamespace: { always: { namespace: "string" }, sometimes: { tokenSecret: "string" }, lists: [] },
} as const;

export function renderPackageSchema(): string {
  const types: Record<string, ComplexTypeSpec> = { [token("Cluster")]: cluster };
  const resource = (name: keyof typeof outputs, schema: z.ZodObject, description: string): ResourceSpec => {
    const [own, same] = [argumentComments(`${name}Args`), argumentComments("VllmInferenceArgs")];
    const described = (key: string) =>
      [own, same].map((comments) => comments.get(key)?.description).find(Boolean) ?? "";
    const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    const inputs = Object.entries(properties).map(([key, property]) => {
      const spec = typeOf(property as JsonSchema, pascal(key), types);
      return [key, { ...spec, ...plainUnlessContent(key), description: described(key) }] as const;
    });
    const clusterProperty = { $ref: `#/types/${token("Cluster")}`, plain: true, description: cluster.description };
    return {
      isComponent: true,
      description,
      ...outputsOf(name),
      inputProperties: { cluster: clusterProperty, ...Object.fromEntries(inputs) },
      requiredInputs: ["cluster", ...required],
    };
  };
  const schema: PackageSpec = {
    name: packageName,
    version,
    description: "vLLM servers on Red Hat OpenShift that are done when they serve",
    license: "Apache-2.0",
    resources: {
      [token("SharedNamespace")]: resource(
        "SharedNamespace",
        sharedArgsSchema,
        "What several models of one namespace share: the namespace, and the token.",
      ),
      [token("VllmInference")]: resource(
        "VllmInference",
        argsSchema,
        "A vLLM server with its model, from the namespace to the Route. Done means that it serves.",
      ),
    },
    types,
    language: { nodejs: { respectSchemaVersion: true }, python: { respectSchemaVersion: true } },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const cluster: ComplexTypeSpec & { description: string } = {
  type: "object",
  description:
    "The cluster to deploy to: a context of a kubeconfig, and its absolute path where it is not kubectl's default.",
  properties: {
    context: {
      type: "string",
      plain: true,
      description: "Context in the kubeconfig; whatever is current is never used.",
    },
    kubeconfig: { type: "string", plain: true, description: "Absolute path of the kubeconfig." },
  },
  required: ["context"],
};

function outputsOf(name: keyof typeof outputs): Pick<ResourceSpec, "properties" | "required"> {
  const { always, sometimes, lists } = outputs[name];
  const single = Object.entries({ ...always, ...sometimes }).map(([key, type]) => [
    key,
    { type, ...(key === "apiKey" && { secret: true }) },
  ]);
  const several = lists.map((key) => [key, { type: "array", items: { type: "string" } }]);
  return {
    properties: Object.fromEntries([...single, ...several]) as Record<string, PropertySpec>,
    required: Object.keys(always),
  };
}

/** What decides the shape is plain, so that the other languages' types say so, too. */
function plainUnlessContent(key: string): { plain?: true; secret?: true } {
  if (key === "hfToken") return { secret: true };
  return (contentKeys as readonly string[]).includes(key) ? {} : { plain: true };
}

interface JsonSchema {
  type?: string | string[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
}

function typeOf(schema: JsonSchema, name: string, types: Record<string, ComplexTypeSpec>): TypeSpec {
  if (schema.anyOf) return { oneOf: schema.anyOf.map((each) => typeOf(each, name, types)) };
  // A number or a truth value that the schema reads as a text is a text elsewhere.
  if (Array.isArray(schema.type)) return { type: "string" };
  if (schema.type === "array")
    return { type: "array", items: typeOf(schema.items ?? {}, name.replace(/s$/, ""), types) };
  if (schema.type !== "object") return schema.type === undefined ? { $ref: "pulumi.json#/Any" } : { type: schema.type };
  if (schema.properties === undefined || !Object.keys(schema.properties).every((key) => /^\w+$/.test(key))) {
    const values = typeof schema.additionalProperties === "object" ? schema.additionalProperties : { type: "string" };
    return { type: "object", additionalProperties: typeOf(values, name, types) };
  }
  const properties = Object.entries(schema.properties).map(([key, property]) => {
    const inner = typeOf(property, `${name}${pascal(key)}`, types);
    return [key, { ...inner, plain: true }] as const;
  });
  types[token(name)] = { type: "object", properties: Object.fromEntries(properties), required: schema.required ?? [] };
  return { $ref: `#/types/${token(name)}` };
}

function pascal(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}
