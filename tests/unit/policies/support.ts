/** Runs policies as the engine does: properties behind Pulumi's proxy, settings with the schema's defaults. */
import { type PolicyResource, type ResourceValidationArgs, type StackValidationArgs } from "@pulumi/policy";
import { secretsPreservingProxy } from "@pulumi/policy/secret";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { rememberNames } from "../../../policies/lib/configuration";
import type { PackPolicy } from "../../../policies/lib/policy";
import { unknownCheckingProxy } from "../../../policies/lib/pulumiProxy";

/** What a preview has in the place of a value that only the update will know. */
export const unknown: string = unknownValue;

export interface Json {
  [key: string]: unknown;
}
export interface Resource {
  type: string;
  name: string;
  props: Json;
  protect?: boolean;
}

export interface Run {
  readonly stack?: string;
  readonly config?: Json;
  /** Every name in the pack's configuration. */
  readonly names?: readonly string[];
}

/** A case of a policy's table. */
export interface Case extends Run {
  readonly says: string;
  /** Stack policies see all, resource policies one after the other. */
  readonly given: Resource | readonly Resource[];
  /** Every sentence that is reported, in full; none where the case passes. */
  readonly finds?: readonly string[];
}
export interface PolicyCases {
  readonly policy: PackPolicy;
  readonly cases: readonly Case[];
}

export async function judge(
  policy: PackPolicy,
  given: Resource | readonly Resource[],
  run: Run = {},
): Promise<string[]> {
  rememberNames(run.names ?? []);
  const found: string[] = [];
  const report = (message: string): void => void found.push(message);
  const resources = Array.isArray(given) ? (given as readonly Resource[]) : [given as Resource];
  if ("validateStack" in policy) {
    await policy.validateStack(stackArgs(policy, resources, run), report);
    return found;
  }
  const validations = [policy.validateResource ?? []].flat();
  for (const resource of resources) {
    for (const validate of validations)
      await validate(resourceArgs(policy, resource, unknownCheckingProxy(copy(resource.props)), run), report);
  }
  return found;
}

/** What the engine gets back when the policy's level is `remediate`; `undefined` if it changes nothing. */
export async function remediate(policy: PackPolicy, resource: Resource, run: Run = {}): Promise<Json | undefined> {
  if (!("remediateResource" in policy) || !policy.remediateResource) throw new Error(`${policy.name} cannot remediate`);
  const raw = copyKeepingSecrets(resource.props) as Json;
  const props = unknownCheckingProxy(secretsPreservingProxy<Json>(raw) as Json);
  const result = await policy.remediateResource(resourceArgs(policy, resource, props, run));
  return result ? raw : undefined;
}

/** The sentences without the reason why a container counts as a server or as a download, which tests of the evidence look at. */
export function withoutReasons(found: readonly string[]): string[] {
  return found.map((sentence) => sentence.replace(reason, ""));
}
const reason = / \((?:[\w.-]+ )?(?:serves vLLM|downloads), because .*?\)(?=: ')/;

export function givesReason(sentence: string): boolean {
  return reason.test(sentence);
}

function resourceArgs(policy: PackPolicy, resource: Resource, props: Json, run: Run): ResourceValidationArgs {
  return {
    ...description(resource, run),
    props,
    getConfig: config(policy, run),
    ...rest,
  } as unknown as ResourceValidationArgs;
}

function stackArgs(policy: PackPolicy, resources: readonly Resource[], run: Run): StackValidationArgs {
  return {
    resources: resources.map(
      (resource) =>
        ({
          ...description(resource, run),
          props: unknownCheckingProxy(copy(resource.props)),
          dependencies: [],
          propertyDependencies: {},
          ...rest,
        }) as unknown as PolicyResource,
    ),
    getConfig: config(policy, run),
    ...rest,
  };
}

const rest = {
  stackTags: new Map<string, string>(),
  isType: () => false,
  asType: () => undefined,
  notApplicable: (): never => {
    throw new Error("no policy of this pack says that it is not applicable");
  },
};

function description(resource: Resource, run: Run): object {
  return {
    type: resource.type,
    name: resource.name,
    urn: `urn:pulumi:${run.stack ?? "dev"}::project::${resource.type}::${resource.name}`,
    opts: { protect: resource.protect === true, ignoreChanges: [], aliases: [], additionalSecretOutputs: [] },
  };
}

/** The CLI applies the schema's defaults before a policy sees its settings. */
function config(policy: PackPolicy, run: Run): <T extends object>() => T {
  const defaults = Object.entries(policy.configSchema?.properties ?? {}).map(([key, schema]) => [key, schema.default]);
  return <T extends object>() => ({ ...Object.fromEntries(defaults), ...run.config }) as T;
}

function copy<T>(value: T): T {
  return structuredClone(value);
}

function copyKeepingSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyKeepingSecrets);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyKeepingSecrets(item)]));
}
