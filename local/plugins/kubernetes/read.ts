import { ApiError } from "../../../components/cluster/apiError";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ReadResponse, type DeleteRequest, type ReadRequest } from "@pulumi/pulumi/proto/provider_pb";
import { empty } from "../shared/provider";
import { decode, encode, isMap, revealMap, toJson, type JsonMap, type Value, type ValueMap } from "../shared/wire";
import { AwaitError, awaitDeleted, newWait } from "./await";
import { checkpoint, markSecrets, parseCheckpoint } from "./checkpoint";
import { NoMatchError } from "./client";
import { isZero, prune } from "./diff";
import {
  annotation,
  apiVersionOf,
  at,
  idOf,
  kindOf,
  mergeStringData,
  nameOf,
  namespaceOf,
  parseId,
  typeOf,
  withMetadata,
  withoutServerFields,
} from "./object";
import { isBuiltIn } from "./scope";
import { fieldManagerOf, timeoutSeconds, type Session } from "./session";
import { initFailed } from "./write";

const abandon =
  'If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';

/** Reads the live object, for a refresh (its inputs as the cluster has them now) or an import. */
export async function read(session: Session, request: ReadRequest): Promise<ReadResponse> {
  const urn = request.getUrn();
  const response = new ReadResponse();
  const connection = await session.connect();
  if ("unreachable" in connection) {
    await session.engine.log("warning", urn, `configured Kubernetes cluster is unreachable: ${connection.unreachable}`);
    if (session.settings.deleteUnreachable) return response;
    throw new Error(`failed to read resource state due to unreachable cluster. ${abandon}`);
  }
  const { namespace, name } = parseId(request.getId());
  const taggedInputs = decode(request.getInputs());
  const old = parseCheckpoint(decode(request.getProperties()));
  const inputs = revealMap(taggedInputs);
  const imported = Object.keys(inputs).length === 0;
  const metadata = namespace === "" ? { name } : { name, namespace };
  const identity: JsonMap = { ...typeOf(urn), metadata };
  let live: JsonMap;
  try {
    live = await connection.client.get(identity);
  } catch (error) {
    // The engine takes an empty answer for a resource that is gone.
    if (error instanceof NoMatchError || (error instanceof ApiError && error.notFound)) return response;
    throw error;
  }
  const liveInputs = imported ? importedInputs(live) : refreshedInputs(live, inputs, old.live);
  const notes = {
    fieldManager: fieldManagerOf(old.fieldManager, inputs),
    initialApiVersion: old.initialApiVersion ?? apiVersionOf(live),
  };
  response.setId(request.getId() || idOf(live));
  response.setProperties(encode(checkpoint(liveInputs, live, taggedInputs, notes)));
  response.setInputs(encode(markSecrets(liveInputs, taggedInputs)));
  return response;
}

/** What the cluster holds of the fields that the inputs set. */
function refreshedInputs(live: JsonMap, inputs: ValueMap, oldLive: ValueMap): ValueMap {
  const normal = mergeStringData(inputs);
  const pruned = keepZeros(prune(live, normal), normal, oldLive);
  return withoutServerFields(pruned);
}

/** A zero value that the server never stored is no drift. */
function keepZeros(pruned: ValueMap, inputs: ValueMap, oldLive: Value | undefined): ValueMap {
  const kept: ValueMap = { ...pruned };
  const before = oldLive !== undefined && isMap(oldLive) ? oldLive : {};
  for (const [key, input] of Object.entries(inputs)) {
    const value = kept[key];
    if (value === undefined) {
      if (isZero(input) && !(key in before)) kept[key] = input;
    } else if (isMap(value) && isMap(input)) {
      kept[key] = keepZeros(value, input, before[key]);
    } else if (Array.isArray(value) && Array.isArray(input)) {
      const list = before[key];
      kept[key] = value.map((item, index) => {
        const itemInput = input[index];
        const itemBefore = Array.isArray(list) ? list[index] : undefined;
        return isMap(item) && itemInput !== undefined && isMap(itemInput)
          ? keepZeros(item, itemInput, itemBefore)
          : item;
      });
    }
  }
  return kept;
}

// Notes of others, which the official provider leaves out of what it imports.
const foreignNotes = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];

/** All of a built-in object but its status; of a custom one, whose fields no schema tells, only which object it is. */
export function importedInputs(live: JsonMap): ValueMap {
  if (!isBuiltIn(live)) return { apiVersion: apiVersionOf(live), kind: kindOf(live), metadata: identityOf(live) };
  const inputs = { ...withoutServerFields(live) };
  delete inputs["status"];
  const annotations = at(inputs, "metadata", "annotations");
  if (!isMap(annotations)) return inputs;
  const own = Object.entries(annotations).filter(([name]) => !foreignNotes.includes(name));
  return withMetadata(inputs, { annotations: Object.fromEntries(own) });
}

function identityOf(live: JsonMap): ValueMap {
  const namespace = namespaceOf(live);
  return { name: nameOf(live), ...(namespace !== "" && { namespace }) };
}

/** Deletes the object and waits until it is gone. */
export async function remove(session: Session, request: DeleteRequest): Promise<Empty> {
  const urn = request.getUrn();
  const connection = await session.connect();
  if ("unreachable" in connection) {
    await session.engine.log("warning", urn, `configured Kubernetes cluster is unreachable: ${connection.unreachable}`);
    if (session.settings.deleteUnreachable) return empty();
    throw new Error(`configured Kubernetes cluster is unreachable. ${abandon}`);
  }
  const state = decode(request.getProperties());
  const old = parseCheckpoint(state);
  const { namespace, name } = parseId(request.getId());
  const metadata = namespace === "" ? { name } : { name, namespace };
  const type = typeOf(urn);
  const identity: JsonMap = { ...type, metadata };
  const policy = annotation(old.inputs, "pulumi.com/deletionPropagationPolicy").toLowerCase();
  const propagation = policy === "orphan" ? "Orphan" : policy === "background" ? "Background" : "Foreground";
  const wait = newWait(session, connection.client, urn, timeoutSeconds(request.getTimeout(), old.inputs));
  try {
    await connection.client.delete(identity, propagation);
    const uid = isMap(old.live["metadata"]) ? old.live["metadata"]["uid"] : undefined;
    await awaitDeleted(
      wait,
      old.inputs,
      uid === undefined ? identity : toJson({ ...type, metadata: { ...metadata, uid } }),
    );
  } catch (error) {
    if (error instanceof NoMatchError || (error instanceof ApiError && error.notFound)) return empty();
    if (!(error instanceof AwaitError)) throw error;
    const notes = {
      fieldManager: fieldManagerOf(old.fieldManager, old.inputs),
      initialApiVersion: apiVersionOf(old.live),
    };
    throw initFailed(request.getId(), error.message, error.reasons, checkpoint(old.inputs, error.live, state, notes));
  }
  return empty();
}
