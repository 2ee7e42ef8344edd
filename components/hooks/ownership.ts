import * as pulumi from "@pulumi/pulumi";
import { aimedAt, onStack, thisStack } from "../cluster/commands";
import type { ClusterConnection } from "../cluster/provider";
import { ApiError, type ClusterReader, sharedClient } from "../cluster/client";
import { connectionTrouble } from "../cluster/trouble";
import { ownerAnnotation } from "../manifests/labels";

/** The metadata that the check reads. */
interface Metadata {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  managedFields?: { manager?: string }[];
}

/** An object that a hook is about to create. */
interface NewObject {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
}

/**
 * Stops `up` before it takes over an object of somebody else, which creating would do without a word. An object that carries this
 * stack's own annotation is one that a killed `up` has left behind, and is taken up.
 */
export function ownershipHook(
  hookName: string,
  owner: string,
  connection: ClusterConnection,
  adoptExisting: boolean,
): pulumi.ResourceHook {
  const stack = thisStack();
  return new pulumi.ResourceHook(hookName, async ({ newInputs }) => {
    const object = newObject(newInputs);
    if (!object) return;
    let problem: string | undefined;
    try {
      problem = await foreignOwner(await sharedClient(connection), object, owner, adoptExisting, connection);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw connectionTrouble(error, connection);
      // Who may not read it may not write it either, as a rule: the provider's own error then says so.
      const { name, kind } = object;
      await pulumi.log.warn(`Cannot see whether ${kind} '${name}' belongs to somebody else: ${error.message}`);
    }
    if (problem !== undefined) throw new Error(onStack(problem, stack));
  });
}

/** The sentence that refuses an object of somebody else; undefined where it is free, this stack's own, or may be adopted. */
export async function foreignOwner(
  reader: ClusterReader,
  object: NewObject,
  owner: string,
  adoptExisting: boolean,
  connection: ClusterConnection,
): Promise<string | undefined> {
  const answer = await reader.get(objectPath(object));
  if (!answer) return undefined;
  const { metadata = {} } = answer.body as { metadata?: Metadata };
  const holder = metadata.annotations?.[ownerAnnotation];
  if (holder === owner || (holder === undefined && adoptExisting)) return undefined;
  const where = object.namespace === undefined ? "" : ` in namespace '${object.namespace}'`;
  const exists = `${object.kind} '${object.name}'${where} exists already and `;
  if (holder !== undefined) {
    return (
      `${exists}belongs to the stack '${holder}'; this stack is '${owner}'. ${elsewhere(object.kind)}To move it on purpose, first take it out of ` +
      `that stack, then run \`${aimedAt(annotateCommand(object), connection)}\` and set \`pulumi config set adoptExisting true\`.`
    );
  }
  return (
    `${exists}was made by ${maker(metadata)}, not by this stack ('${owner}'). ${elsewhere(object.kind)}` +
    "To take it over on purpose, set `pulumi config set adoptExisting true`."
  );
}

function elsewhere(kind: string): string {
  if (kind === "Namespace")
    return "Set another `namespace`, or `createNamespace` to false to deploy into it as it is. ";
  if (kind === "PersistentVolumeClaim")
    return "Set another `namespace`, or `existingClaim` to mount it without owning it. ";
  return "Set another `namespace`. ";
}

function annotateCommand({ kind, name, namespace }: NewObject): string {
  return `kubectl annotate ${kind.toLowerCase()} ${name}${namespace === undefined ? "" : ` -n ${namespace}`} ${ownerAnnotation}-`;
}

/** Who has written the object, as far as it tells. */
function maker({ labels, managedFields }: Metadata): string {
  const managers = [...new Set((managedFields ?? []).map((field) => field.manager ?? ""))].filter(
    (name) => name !== "",
  );
  return (
    labels?.["app.kubernetes.io/managed-by"] ?? (managers.length > 0 ? `'${managers.join("', '")}'` : "somebody else")
  );
}

function newObject(inputs: Record<string, unknown> | undefined): NewObject | undefined {
  const { apiVersion, kind, metadata } = (inputs ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: Metadata;
  };
  // Without a name the API server generates one, which nobody else can have.
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof metadata?.name !== "string")
    return undefined;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
  };
}

/** Path of an object of one of the kinds that these programs make: their plurals are regular. */
export function objectPath({ apiVersion, kind, name, namespace }: NewObject): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${root}${scope}/${kind.toLowerCase().replace(/y$/, "ie")}s/${name}`;
}
