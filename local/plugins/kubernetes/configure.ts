import type { DiffRequest, DiffResponse } from "@pulumi/pulumi/proto/provider_pb";
import { isDeepStrictEqual } from "node:util";
import { diffResponse, type Change } from "../shared/provider";
import { decode, reveal, Unknown, type ValueMap } from "../shared/wire";
import { loadKubeConfig, parseSettings } from "./settings";

const clusterKeys = ["kubeconfig", "context"];

/**
 * A provider is replaced, and all its objects with it, only when its cluster changes: by `clusterIdentifier` where that is
 * set, else by the active cluster of the kubeconfig.
 */
export async function diffConfig(request: DiffRequest): Promise<DiffResponse> {
  const olds = decode(request.getOldInputs() ?? request.getOlds());
  const news = decode(request.getNews());
  const changes = new Map<string, Change>();
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    const [left, right] = [reveal(olds[key] ?? null), reveal(news[key] ?? null)];
    if (key === "version" || isDeepStrictEqual(left, right)) continue;
    const kind = left === null ? "add" : right === null ? "delete" : "update";
    changes.set(key, { kind, replace: false, input: true });
  }
  if (changes.size === 0) return diffResponse(changes);
  for (const key of await replacing(olds, news, changes)) {
    const change = changes.get(key);
    if (change !== undefined) change.replace = true;
  }
  return diffResponse(changes);
}

async function replacing(olds: ValueMap, news: ValueMap, changes: Map<string, Change>): Promise<string[]> {
  const identifier = changes.get("clusterIdentifier");
  if (identifier?.kind === "update") return ["clusterIdentifier"];
  // With an identifier that stays, nothing else counts. One that is added or removed decides nothing by itself.
  if (identifier === undefined && typeof reveal(news["clusterIdentifier"] ?? null) === "string") return [];
  const changed = clusterKeys.filter((key) => changes.has(key));
  if (changed.length === 0) return [];
  const unknown = changed.filter((key) => reveal(news[key] ?? null) instanceof Unknown);
  if (unknown.length > 0) return unknown;
  const [before, after] = await Promise.all([activeCluster(olds), activeCluster(news)]);
  if (before === undefined || after === undefined || isDeepStrictEqual(before, after)) return [];
  return changed;
}

async function activeCluster(inputs: ValueMap): Promise<object | undefined> {
  try {
    return (await loadKubeConfig(parseSettings(inputs))).getCurrentCluster() ?? undefined;
  } catch {
    // As with the official provider: a kubeconfig that can no longer be read is no reason to replace everything.
    return undefined;
  }
}
