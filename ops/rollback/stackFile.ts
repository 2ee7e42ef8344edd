/** Settings of a stack's file set back, with its comments as they are. Pure. */
import { type Document, isMap, isScalar, parse, parseDocument } from "yaml";
import { defaults } from "../../components/args/defaults";
import type { Difference } from "./history";

/** The text of the file with the model's settings as they were; nothing of another model changes. */
export function setBack(text: string, project: string, model: string, differences: readonly Difference[]): string {
  const document = parseDocument(text);
  const map = ["config", `${project}:models`];
  const models: unknown = document.getIn(map);
  // `pulumi config set models '{…}'` writes it as text.
  if (typeof models === "string" && models !== "") document.setIn(map, document.createNode(parse(models)));
  const isOneOfSeveral = isMap(document.getIn(map)) && document.getIn([...map, model]) !== undefined;
  for (const { key, then } of differences) {
    const flat = ["config", `${project}:${key}`];
    const own = isOneOfSeveral ? [...map, model, key] : flat;
    const beside = isOneOfSeveral ? plain(document.getIn(flat)) : undefined;
    const otherwise = beside ?? (defaults as Readonly<Record<string, unknown>>)[key];
    const isDefault = then === undefined ? beside === undefined : same(then, otherwise);
    if (isDefault) document.deleteIn(own);
    // An empty text is how a stack's file says "unset" over what stands beside it.
    else replace(document, own, then ?? "");
  }
  return document.toString({ lineWidth: 0 });
}

/** In its place, so that a comment behind it stays. */
function replace(document: Document, at: readonly string[], value: unknown): void {
  const node = document.getIn(at, true);
  if (isScalar(node) && typeof value !== "object") node.value = value;
  else document.setIn(at, document.createNode(value));
}

function plain(node: unknown): unknown {
  return isMap(node) ? node.toJSON() : node;
}

/** `pulumi config set` writes numbers and lists as texts. */
function same(one: unknown, other: unknown): boolean {
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return other !== undefined && text(one) === text(other);
}
