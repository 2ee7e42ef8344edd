import { hasSecret, isMap, reveal, revealMap, Secret, type JsonMap, type Value, type ValueMap } from "../shared/wire";
import { isSecret } from "./object";

/** State as the official provider writes it: the live object's fields with the inputs and two notes beside them. */
export interface Checkpoint {
  inputs: ValueMap;
  live: ValueMap;
  fieldManager: string | undefined;
  initialApiVersion: string | undefined;
}

const inputsKey = "__inputs";
const managerKey = "__fieldManager";
const apiVersionKey = "__initialApiVersion";

/** Writes state. What was secret in the inputs stays secret, and so does all of a Secret's content. */
export function checkpoint(
  inputs: ValueMap,
  live: JsonMap,
  secretsFrom: ValueMap,
  notes: { fieldManager: string; initialApiVersion: string },
): ValueMap {
  return {
    ...markSecrets(live, secretsFrom),
    [inputsKey]: markSecrets(revealMap(inputs), secretsFrom),
    [managerKey]: notes.fieldManager,
    [apiVersionKey]: notes.initialApiVersion,
  };
}

/** Reads state; secret marks are removed. */
export function parseCheckpoint(state: ValueMap): Checkpoint {
  const { [inputsKey]: inputs, [managerKey]: manager, [apiVersionKey]: apiVersion, ...live } = revealMap(state);
  return {
    inputs: isMap(inputs) ? inputs : {},
    live,
    fieldManager: typeof manager === "string" ? manager : undefined,
    initialApiVersion: typeof apiVersion === "string" ? apiVersion : undefined,
  };
}

/**
 * Marks as secret what is secret in `from`. A list that holds one secret becomes secret as a whole, since its items may
 * have moved; maps are walked.
 */
export function markSecrets(values: ValueMap, from: ValueMap): ValueMap {
  const marked: ValueMap = { ...values };
  if (isSecret(revealMap(pick(marked, "apiVersion", "kind")))) {
    for (const key of ["data", "stringData"]) if (key in marked) marked[key] = secret(marked[key] as Value);
  }
  for (const [key, source] of Object.entries(from)) {
    const value = marked[key];
    if (value === undefined || value instanceof Secret) continue;
    if (isMap(value) && isMap(source)) marked[key] = markSecrets(value, source);
    else if (hasSecret(source)) marked[key] = secret(value);
  }
  return marked;
}

const secret = (value: Value): Secret => (value instanceof Secret ? value : new Secret(reveal(value)));

function pick(map: ValueMap, ...keys: string[]): ValueMap {
  return Object.fromEntries(keys.filter((key) => key in map).map((key) => [key, map[key] as Value]));
}
