import { ApiError } from "../../../components/cluster/apiError";
import {
  CreateResponse,
  ErrorResourceInitFailed,
  UpdateResponse,
  type CreateRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { randomBytes } from "node:crypto";
import { RpcError } from "../shared/serve";
import { decode, encode, hasUnknown, toJson, type Json, type JsonMap, type ValueMap } from "../shared/wire";
import { AwaitError, awaitReady, newWait, sleep } from "./await";
import { checkpoint, parseCheckpoint } from "./checkpoint";
import { NoMatchError, type Client } from "./client";
import { keepIgnored } from "./ignore";
import {
  apiVersionOf,
  at,
  idOf,
  isTrue,
  kindOf,
  nameOf,
  namespaceOf,
  withMetadata,
  withoutServerFields,
} from "./object";
import { fieldManagerOf, timeoutSeconds, type Session } from "./session";

// Owner of the fields of an object made by a plain create, until the first apply takes them over.
const createManager = "pulumi-kubernetes";

/** Creates an object, or asks the server what creating it would give. */
export async function create(session: Session, request: CreateRequest): Promise<CreateResponse> {
  const urn = request.getUrn();
  const news = decode(request.getProperties());
  const preview = request.getPreview();
  const response = new CreateResponse();
  const inputsOnly = (): CreateResponse => {
    response.setProperties(request.getProperties());
    return response;
  };
  if (preview && !(await canPreview(session, news))) return inputsOnly();
  const client = await session.client();
  const inputs = toJson(news);
  const manager = fieldManagerOf(undefined, inputs);
  let live: JsonMap;
  try {
    live = await createWithRetries(session, client, urn, inputs, manager, preview);
  } catch (error) {
    if (preview && isUnpreviewable(error)) return inputsOnly();
    throw new Error(creationFailed(urn, inputs, error), { cause: error });
  }
  const notes = { fieldManager: manager, initialApiVersion: apiVersionOf(inputs) };
  if (preview) {
    delete live["status"];
    response.setProperties(encode(checkpoint(inputs, live, news, notes)));
    return response;
  }
  const wait = newWait(session, client, urn, timeoutSeconds(request.getTimeout(), inputs));
  try {
    live = await awaitReady(wait, inputs, live);
  } catch (error) {
    if (!(error instanceof AwaitError)) throw error;
    const text = `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ${error.message}`;
    throw initFailed(idOf(error.live), text, error.reasons, checkpoint(inputs, error.live, news, notes));
  }
  response.setId(idOf(live));
  response.setProperties(encode(checkpoint(inputs, live, news, notes)));
  return response;
}

/** Whether the server can be asked: everything known, somebody there, and the kind known to it. */
async function canPreview(session: Session, inputs: ValueMap): Promise<boolean> {
  if (hasUnknown(inputs)) return false;
  const connection = await session.connect();
  if ("unreachable" in connection) return false;
  try {
    return await connection.client.exists(toJson(inputs));
  } catch (error) {
    if (error instanceof ApiError && error.forbidden) return true;
    throw error;
  }
}

/** The namespace may come with this very update; and who may not write may still preview. */
function isUnpreviewable(error: unknown): boolean {
  return error instanceof ApiError && (error.forbidden || error.alreadyExists || error.notFound);
}

const existsHint = `

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use \`pulumi import\`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create.`;

function creationFailed(urn: string, inputs: JsonMap, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NoMatchError) {
    return `creation of resource "${urn}" with kind ${apiVersionOf(inputs)}/${kindOf(inputs)} failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${message}`;
  }
  const hint = error instanceof ApiError && error.alreadyExists ? existsHint : "";
  return `resource "${urn}" was not successfully created by the Kubernetes API server: ${message}${hint}`;
}

const retries = 5;

/** A namespace or a CRD that has just been made may not be known to every part of the server yet. */
async function createWithRetries(
  session: Session,
  client: Client,
  urn: string,
  inputs: JsonMap,
  manager: string,
  dryRun: boolean,
): Promise<JsonMap> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await createOnce(session, client, inputs, manager, dryRun);
    } catch (error) {
      const missing = error instanceof NoMatchError || (error instanceof ApiError && error.notFound);
      if (dryRun && missing) throw error;
      const exists = error instanceof ApiError && error.alreadyExists;
      const message = error instanceof Error ? error.message : String(error);
      if (!(dryRun && exists)) {
        await session.engine.log("info", urn, `Retry #${attempt}; creation failed: ${message}`, true);
      }
      if (!missing || attempt === retries || session.cancelled.aborted) throw error;
      await sleep(1000 * 2 ** attempt, session.cancelled);
    }
  }
}

async function createOnce(
  { settings }: Session,
  client: Client,
  inputs: JsonMap,
  manager: string,
  dryRun: boolean,
): Promise<JsonMap> {
  if (!settings.upsert) return client.create(inputs, { fieldManager: createManager, dryRun });
  const force = dryRun || settings.patchForce || isTrue(inputs, "pulumi.com/patchForce");
  const options = { fieldManager: manager, force, dryRun };
  try {
    return await client.apply(inputs, options);
  } catch (error) {
    if (dryRun && error instanceof ApiError && error.reason === "Invalid" && /field is immutable/.test(error.message)) {
      // A replacement: the old object is still there and cannot take the new fields. Any free name tells as much.
      const name = `${nameOf(inputs)}${randomBytes(3).toString("hex")}`;
      return client.apply(toJson(withMetadata(inputs, { name })), options);
    }
    throw conflictExplained(error, manager);
  }
}

/** Changes an object in place, or asks the server what that would give. */
export async function update(session: Session, request: UpdateRequest): Promise<UpdateResponse> {
  const urn = request.getUrn();
  const preview = request.getPreview();
  const news = decode(request.getNews());
  const response = new UpdateResponse();
  const inputsOnly = (): UpdateResponse => {
    response.setProperties(request.getNews());
    return response;
  };
  if (preview && !(await canPreview(session, news))) return inputsOnly();
  const client = await session.client();
  const old = parseCheckpoint(decode(request.getOlds()));
  const inputs = toJson(withoutServerFields(news));
  const manager = fieldManagerOf(old.fieldManager, inputs);
  const notes = { fieldManager: manager, initialApiVersion: old.initialApiVersion ?? apiVersionOf(inputs) };
  const target = toJson(withMetadata(inputs, { name: nameOf(old.live) }));
  let live: JsonMap;
  try {
    const applied = await applyUpdate(session, client, target, manager, request.getIgnorechangesList(), preview);
    const wait = newWait(session, client, urn, timeoutSeconds(request.getTimeout(), inputs));
    live = preview ? applied : await awaitReady(wait, inputs, applied);
    if (!preview && old.fieldManager !== undefined && old.fieldManager !== manager) {
      live = await relinquish(client, target, old.fieldManager);
    }
  } catch (error) {
    if (preview && error instanceof ApiError && error.forbidden) return inputsOnly();
    const current = await readForError(client, target, urn, error);
    const text = `the Kubernetes API server reported that "${idOf(current)}" failed to fully initialize or become live: ${error instanceof Error ? error.message : String(error)}`;
    const reasons = error instanceof AwaitError ? error.reasons : [];
    throw initFailed(idOf(current), text, reasons, checkpoint(inputs, current, news, notes));
  }
  response.setProperties(encode(checkpoint(inputs, live, news, notes)));
  return response;
}

async function readForError(client: Client, target: JsonMap, urn: string, cause: unknown): Promise<JsonMap> {
  if (cause instanceof AwaitError) return cause.live;
  try {
    return await client.get(target);
  } catch (error) {
    const text = (value: unknown): string => (value instanceof Error ? value.message : String(value));
    throw new Error(`update of resource "${urn}" failed: ${text(cause)}\nunable to get cluster state: ${text(error)}`, {
      cause,
    });
  }
}

async function applyUpdate(
  { settings }: Session,
  client: Client,
  inputs: JsonMap,
  manager: string,
  ignored: string[],
  dryRun: boolean,
): Promise<JsonMap> {
  const current = await client.get(inputs);
  if (inputs["kind"] === "CustomResourceDefinition") {
    const resourceVersion = at(current, "metadata", "resourceVersion") as Json;
    return client.replace(toJson(withMetadata(inputs, { resourceVersion })), { fieldManager: manager, dryRun });
  }
  const created = managedFields(current).some(
    (entry) => entry["manager"] === createManager && entry["operation"] === "Update",
  );
  if (created && !dryRun) await takeOverFields(client, current, manager);
  const force = (created && dryRun) || settings.patchForce || isTrue(inputs, "pulumi.com/patchForce");
  try {
    return await client.apply(keepIgnored(inputs, current, manager, ignored), { fieldManager: manager, force, dryRun });
  } catch (error) {
    throw conflictExplained(error, manager);
  }
}

const managedFields = (live: JsonMap): JsonMap[] => {
  const entries = at(live, "metadata", "managedFields");
  return Array.isArray(entries) ? (entries as JsonMap[]) : [];
};

/** The fields of a plain create become those of this manager's applies, or a later apply could never remove one. */
async function takeOverFields(client: Client, live: JsonMap, manager: string): Promise<void> {
  const entries = managedFields(live).map((entry) =>
    entry["manager"] === createManager && entry["operation"] === "Update" && entry["subresource"] === undefined
      ? { ...entry, manager, operation: "Apply" }
      : entry,
  );
  const version = at(live, "metadata", "resourceVersion") as Json;
  await client.jsonPatch(live, [
    { op: "test", path: "/metadata/resourceVersion", value: version },
    { op: "replace", path: "/metadata/managedFields", value: entries },
  ]);
}

/** Gives up the fields of a manager that is no longer used: an apply of nothing. */
function relinquish(client: Client, object: JsonMap, fieldManager: string): Promise<JsonMap> {
  const { apiVersion, kind } = object;
  const namespace = namespaceOf(object);
  const metadata = { name: nameOf(object), ...(namespace !== "" && { namespace }) };
  return client.apply(toJson({ apiVersion: apiVersion ?? "", kind: kind ?? "", metadata }), {
    fieldManager,
    dryRun: false,
  });
}

function conflictExplained(error: unknown, manager: string): unknown {
  if (!(error instanceof ApiError) || !error.conflict) return error;
  const help =
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";
  const text = `server-side apply field conflict detected, see ${help} for troubleshooting help\nThe resource managed by field manager "${manager}" had an apply conflict: ${error.message}`;
  return new ApiError(error.status, text, error.reason);
}

/** The error by which the engine records the object together with what is wrong with it. */
export function initFailed(id: string, message: string, reasons: string[], state: ValueMap): RpcError {
  const detail = new ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(encode(state));
  detail.setReasonsList([message, ...reasons]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(2);
  status.setMessage(message);
  status.setDetailsList([packed]);
  return new RpcError(message, 2, status.serializeBinary());
}
