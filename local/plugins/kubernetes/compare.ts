import type { DiffRequest, DiffResponse } from "@pulumi/pulumi/proto/provider_pb";
import { diffResponse } from "../shared/provider";
import { decode, hasUnknown, revealMap, type ValueMap } from "../shared/wire";
import { parseCheckpoint } from "./checkpoint";
import { compare, isBelow, parsePath, prune } from "./diff";
import { immutableFields } from "./immutable";
import { at, isTrue, mergeStringData, nameOf, namespaceOf, withMetadata, withoutServerFields } from "./object";
import type { Session } from "./session";

/**
 * What changes, from what the cluster was last seen to have of the old inputs to the new inputs. Only state is read: a
 * refresh brings it up to date.
 */
export function diff({ settings }: Session, request: DiffRequest): DiffResponse {
  const old = parseCheckpoint(decode(request.getOlds()));
  const oldInputs = normal(old.inputs);
  const news = normal(revealMap(decode(request.getNews())));
  let before = prune(old.live, oldInputs);
  if (at(news, "metadata", "name") !== undefined) before = withMetadata(before, { name: nameOf(old.live) });
  const changes = compare(placed(before), placed(news), oldInputs, immutableFields(news, settings));
  const ignored = request.getIgnorechangesList().map(parsePath);
  for (const path of changes.keys()) {
    if (ignored.some((ancestor) => isBelow(parsePath(path), ancestor))) changes.delete(path);
  }
  const sameName = !isTrue(news, "pulumi.com/autonamed") && nameOf(news) !== "" && nameOf(news) === nameOf(old.live);
  const samePlace = canonical(namespaceOf(news)) === canonical(namespaceOf(old.live));
  return diffResponse(changes, sameName && samePlace);
}

function normal(inputs: ValueMap): ValueMap {
  const own = withoutServerFields(inputs);
  return hasUnknown(own) ? own : mergeStringData(own);
}

const canonical = (namespace: string): string => (namespace === "" ? "default" : namespace);

/** An absent namespace and "default" are one and the same. */
function placed(object: ValueMap): ValueMap {
  return at(object, "metadata", "namespace") === undefined ? withMetadata(object, { namespace: "default" }) : object;
}
