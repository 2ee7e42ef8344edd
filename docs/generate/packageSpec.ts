/** The part of Pulumi's package schema that is written here. https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/ */
export interface PackageSpec {
  name: string;
  version: string;
  description: string;
  license: string;
  resources: Record<string, ResourceSpec>;
  types: Record<string, ComplexTypeSpec>;
  language: Record<string, { respectSchemaVersion: boolean }>;
}

export interface ResourceSpec {
  isComponent: true;
  description: string;
  properties: Record<string, PropertySpec>;
  required: string[];
  inputProperties: Record<string, PropertySpec>;
  requiredInputs: string[];
}

export interface ComplexTypeSpec {
  type: "object";
  properties: Record<string, PropertySpec>;
  required: string[];
}

export interface TypeSpec {
  type?: string;
  $ref?: string;
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
  oneOf?: TypeSpec[];
}

export interface PropertySpec extends TypeSpec {
  description?: string;
  plain?: boolean;
  secret?: boolean;
}
