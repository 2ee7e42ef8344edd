import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import {
  CheckFailure,
  CheckResponse,
  ConfigureResponse,
  DiffResponse,
  PropertyDiff,
  ProviderHandshakeResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { encode, type ValueMap } from "./wire";

/** Messages that every provider answers alike. */
export function handshakeResponse(): ProviderHandshakeResponse {
  const response = new ProviderHandshakeResponse();
  response.setAcceptSecrets(true);
  response.setSupportsAutonamingConfiguration(true);
  return response;
}

export function configureResponse(): ConfigureResponse {
  const response = new ConfigureResponse();
  response.setAcceptsecrets(true);
  response.setSupportspreview(true);
  response.setSupportsAutonamingConfiguration(true);
  return response;
}

export function pluginInfo(version: string): PluginInfo {
  const info = new PluginInfo();
  info.setVersion(version);
  return info;
}

export interface Failure {
  property: string;
  reason: string;
}

export function checkResponse(inputs: ValueMap, failures: Failure[] = []): CheckResponse {
  const response = new CheckResponse();
  response.setInputs(encode(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

/** How a property differs; `replace` when the change cannot be made in place. */
export interface Change {
  kind: "add" | "delete" | "update";
  replace: boolean;
  /** Compare inputs rather than outputs when showing the change. */
  input: boolean;
}

const kinds = {
  add: [PropertyDiff.Kind.ADD, PropertyDiff.Kind.ADD_REPLACE],
  delete: [PropertyDiff.Kind.DELETE, PropertyDiff.Kind.DELETE_REPLACE],
  update: [PropertyDiff.Kind.UPDATE, PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

export function diffResponse(changes: Map<string, Change>, deleteBeforeReplace = false): DiffResponse {
  const response = new DiffResponse();
  response.setChanges(changes.size > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE);
  response.setHasdetaileddiff(true);
  const detailed = response.getDetaileddiffMap();
  for (const [path, change] of changes) {
    const diff = new PropertyDiff();
    diff.setKind(kinds[change.kind][change.replace ? 1 : 0]);
    diff.setInputdiff(change.input);
    detailed.set(path, diff);
    if (change.replace) response.addReplaces(path);
  }
  response.setDeletebeforereplace(deleteBeforeReplace && response.getReplacesList().length > 0);
  return response;
}

export const empty = (): Empty => new Empty();
