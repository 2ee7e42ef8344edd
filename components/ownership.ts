import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "./cluster";
import { ApiError, type ClusterReader, clusterReader } from "./clusterClient";
import { connectionTrouble } from "./connectionTrouble";

/** Names the stack that owns an object: `<organization>/<project>/<stack>`. */
export const ownerAnnotation = "vllm-inference/stack";

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
 * Stops `up` before it takes over an object of somebody else: creating is server-side apply, which adopts without a word. An object
 * that carries this stack's own annotation is one that a killed `up` has left behind, and is taken up.
 */
export function ownershipHook(
  hookName: string,
  owner: string,
  connection: ClusterConnection,
  adoptExisting: boolean,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(hookName, async ({ newInputs }) => {
    if (adoptExisting) return;
    const object = newObject(newInputs);
    if (!object) return;
    let problem: string | undefined;
    try {
      problem = await foreignOwner(await clusterReader(connection), object, owner);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw connectionTrouble(error, connection);
      // Who may not read it may not write it either, as a rule: the provider's own error then says so.
      const { name, kind } = object;
      await pulumi.log.warn(`Cannot see whether ${kind} ${name} belongs to somebody else: ${error.message}`);
    }
    if (problem !== undefined) throw new Error(problem);
  });
}

/** The sentence that refuses an object of somebody else; undefined where it is free or this stack's own. */
export async function foreignOwner(
  reader: ClusterReader,
  object: NewObject,
  owner: string,
): Promise<string | undefined> {
  const answer = await reader.get(objectPath(object));
  if (!answer) return undefined;
  const { metadata = {} } = answer.body as { metadata?: Metadata };
  const holder = metadata.annotations?.[ownerAnnotation];
  if (holder === owner) return undefined;
  const where = object.namespace === undefined ? "" : ` in namespace '${object.namespace}'`;
  const whose =
    holder === undefined
      ? `was made by ${maker(metadata)}, not by a stack of this program`
      : `belongs to the stack '${holder}'`;
  return (
    `${object.kind} '${object.name}'${where} exists already and ${whose}; this stack ('${owner}') does not take it over. ` +
    remedy(object.kind) +
    "To take it over on purpose, set `pulumi config set adoptExisting true`."
  );
}

function remedy(kind: string): string {
  if (kind === "Namespace")
    return "Set another `namespace`, or `createNamespace` to false to deploy into it as it is. ";
  if (kind === "PersistentVolumeClaim")
    return "Set another `namespace`, or `existingClaim` to mount it without owning it. ";
  return "Set another `namespace`. ";
}

function maker(metadata: Metadata): string {
  const managers = [...new Set((metadata.managedFields ?? []).map((field) => field.manager ?? ""))].filter(
    (name) => name !== "",
  );
  const label = metadata.labels?.["app.kubernetes.io/managed-by"];
  return label ?? (managers.length > 0 ? managers.join(", ") : "somebody else");
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

/** Path of an object of one of the kinds that this program makes: their plurals are regular. */
export function objectPath({ apiVersion, kind, name, namespace }: NewObject): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${root}${scope}/${kind.toLowerCase()}s/${name}`;
}
