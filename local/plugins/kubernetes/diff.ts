import type { Change } from "../shared/provider";
import { isMap, Unknown, type Value, type ValueMap } from "../shared/wire";
import { sameQuantity } from "../../../components/text/quantity";

type Path = (string | number)[];

/**
 * The changes from what the cluster had of the old inputs to the new inputs, by property path. `oldInputs` tells apart a
 * zero value that the server does not store from one that somebody removed.
 */
export function compare(old: ValueMap, news: ValueMap, oldInputs: ValueMap, immutable: string[]): Map<string, Change> {
  const changes = new Map<string, Change>();
  const add = (path: Path, kind: Change["kind"], values: Value[]): void => {
    const name = pathText(path);
    changes.set(name, { kind, replace: isImmutable(path, values, immutable), input: kind === "delete" });
  };
  walkMap([], old, news, oldInputs);
  return changes;

  function walkMap(path: Path, left: ValueMap, right: ValueMap, input: Value | undefined): void {
    const inputs = isMap(input) ? input : {};
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      walk([...path, key], left[key], right[key], inputs[key]);
    }
  }

  function walk(path: Path, left: Value | undefined, right: Value | undefined, input: Value | undefined): void {
    if (right === undefined || right === null) {
      if (left !== undefined && left !== null) add(path, "delete", [left]);
    } else if (right instanceof Unknown) {
      // What lies below the old value may change, an immutable field too.
      add(path, left === undefined ? "add" : "update", left === undefined ? [right] : [left, right]);
    } else if (left === undefined || left === null) {
      if (!(isZero(right) && (isEmpty(right) || (input !== undefined && isZero(input))))) add(path, "add", [right]);
    } else if (isMap(left) && isMap(right)) {
      walkMap(path, left, right, input);
    } else if (Array.isArray(left) && Array.isArray(right)) {
      const inputs = Array.isArray(input) ? input : [];
      for (let i = 0; i < Math.max(left.length, right.length); i++) walk([...path, i], left[i], right[i], inputs[i]);
    } else if (left !== right && !(isQuantity(path) && sameQuantity(left, right))) {
      add(path, "update", [left, right]);
    }
  }
}

// Where Kubernetes' own types hold quantities. Elsewhere "1" and "1.0" are different strings.
function isQuantity(path: Path): boolean {
  const parent = path.at(-2);
  return (
    ["requests", "limits", "capacity", "hard", "overhead", "podFixed", "default", "defaultRequest"].includes(
      String(parent),
    ) || path.at(-1) === "sizeLimit"
  );
}

const isEmpty = (value: Value): boolean =>
  (Array.isArray(value) && value.length === 0) || (isMap(value) && Object.keys(value).length === 0);

/** What Go's `omitempty` drops, so that the server does not store it. */
export function isZero(value: Value): boolean {
  return value === null || value === false || value === 0 || value === "" || isEmpty(value);
}

/** A change touches an immutable field when it is at, below, or (with that field inside it) above one. */
function isImmutable(path: Path, values: Value[], immutable: string[]): boolean {
  return immutable.some((field) => {
    const fields = field.split(".");
    const common = Math.min(fields.length, path.length);
    if (!fields.slice(0, common).every((part, index) => part === path[index])) return false;
    if (path.length >= fields.length) return true;
    return values.some((value) => holds(value, fields.slice(path.length)));
  });
}

function holds(value: Value | undefined, path: string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined;
  return isMap(value) && holds(value[key], rest);
}

/** A property path as the engine writes it: `spec.containers[0].env`, `metadata.annotations["a.b/c"]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (/[."[\]]/.test(part)) return `${text}["${part.replaceAll('"', '\\"')}"]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** The parts of a property path; `*` stands for every one. */
export function parsePath(text: string): Path {
  const path: Path = [];
  const pattern = /\.?(?:\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+))/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw new Error(`'${text}' must be a property path`);
    const [, quoted, index, name] = match;
    if (quoted !== undefined) path.push(quoted.replaceAll('\\"', '"'));
    else if (index !== undefined) path.push(index === "*" ? "*" : Number(index));
    else path.push(name ?? "");
  }
  return path;
}

export function isBelow(path: Path, ancestor: Path): boolean {
  return ancestor.length <= path.length && ancestor.every((part, index) => part === "*" || part === path[index]);
}

/** The live object cut down to the shape of the inputs: what the server and others added is left out. */
export function prune(live: ValueMap, inputs: ValueMap): ValueMap {
  return Object.fromEntries(
    Object.entries(live)
      .filter(([key]) => key in inputs)
      .map(([key, value]) => [key, pruneValue(value, inputs[key])]),
  );
}

function pruneValue(live: Value, input: Value | undefined): Value {
  if (isMap(live) && isMap(input)) return prune(live, input);
  if (Array.isArray(live) && Array.isArray(input)) return pruneList(live, input);
  return live;
}

// As the official provider: items are matched by their place, and items beyond the inputs' are somebody else's.
function pruneList(live: Value[], inputs: Value[]): Value[] {
  return live.slice(0, inputs.length).map((value, index) => pruneValue(value, inputs[index]));
}
