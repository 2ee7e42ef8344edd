import { randomBytes, randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Secret, type Value, type ValueMap } from "../shared/wire";

/** A resource of the random provider. */
export interface RandomResource {
  inputs: readonly string[];
  required: string;
  /** Names of the outputs that exist only once it is created, in the order of use, and whether they are secret. */
  outputs: readonly string[];
  secret: boolean;
  /** What an input is where the program gives none. The official provider writes it into the outputs, never into the inputs. */
  defaults: ValueMap;
  create(inputs: ValueMap): { id: string; outputs: ValueMap };
}

/** The inputs with what the program leaves out; `number` is the old name of `numeric`, and both are written down. */
export function completed({ inputs: known, defaults }: RandomResource, inputs: ValueMap): ValueMap {
  const given = Object.entries(inputs).filter(([key, value]) => known.includes(key) && value !== null);
  const all: ValueMap = { ...defaults, ...Object.fromEntries(given) };
  if (!("numeric" in defaults)) return all;
  const numeric = inputs["numeric"] ?? inputs["number"] ?? true;
  return { ...all, numeric, number: numeric };
}

/** Inputs whose value differs between what the state holds and what the program asks for, however much of it either leaves out. */
export function changedInputs(resource: RandomResource, state: ValueMap, news: ValueMap): string[] {
  const [before, after] = [completed(resource, state), completed(resource, news)];
  return resource.inputs.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

const classes = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
};

const stringInputs = [
  ...["keepers", "length", "lower", "upper", "numeric", "number", "special", "overrideSpecial"],
  ...["minLower", "minUpper", "minNumeric", "minSpecial"],
] as const;

const stringDefaults: ValueMap = {
  ...{ lower: true, upper: true, numeric: true, number: true, special: true },
  ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
};

/**
 * What the program may use, by type; every other type of the provider is refused. RandomPassword has no `bcryptHash` here: nothing in the program
 * reads it, and Node has no bcrypt. Nor does the state say a `__meta` schema version: the official provider then takes it for one of the first
 * version, and a refresh of it completes what is missing.
 */
export const resources: Record<string, RandomResource> = {
  "random:index/randomPassword:RandomPassword": {
    inputs: stringInputs,
    required: "length",
    outputs: ["result"],
    secret: true,
    defaults: stringDefaults,
    create: (inputs) => ({ id: "none", outputs: { id: "none", result: new Secret(randomText(inputs)) } }),
  },
  "random:index/randomString:RandomString": {
    inputs: stringInputs,
    required: "length",
    outputs: ["result"],
    secret: false,
    defaults: stringDefaults,
    create: (inputs) => {
      const result = randomText(inputs);
      return { id: result, outputs: { id: result, result } };
    },
  },
  "random:index/randomId:RandomId": {
    inputs: ["byteLength", "keepers", "prefix"],
    required: "byteLength",
    outputs: ["b64Std", "b64Url", "dec", "hex"],
    secret: false,
    defaults: {},
    create: (inputs) => {
      const bytes = randomBytes(positive(inputs, "byteLength"));
      const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
      const hex = bytes.toString("hex");
      const id = bytes.toString("base64url");
      return {
        id,
        outputs: {
          id,
          b64Std: prefix + bytes.toString("base64"),
          b64Url: prefix + bytes.toString("base64url"),
          dec: prefix + BigInt(`0x${hex}`).toString(),
          hex: prefix + hex,
        },
      };
    },
  },
  "random:index/randomBytes:RandomBytes": {
    inputs: ["keepers", "length"],
    required: "length",
    outputs: ["base64", "hex"],
    secret: true,
    defaults: {},
    create: (inputs) => {
      const bytes = randomBytes(positive(inputs, "length"));
      return {
        id: bytes.toString("base64"),
        outputs: { base64: new Secret(bytes.toString("base64")), hex: new Secret(bytes.toString("hex")) },
      };
    },
  },
};

function randomText(inputs: ValueMap): string {
  const length = positive(inputs, "length");
  const special = typeof inputs["overrideSpecial"] === "string" ? inputs["overrideSpecial"] : classes.special;
  const kinds = [
    { on: inputs["lower"], min: inputs["minLower"], alphabet: classes.lower },
    { on: inputs["upper"], min: inputs["minUpper"], alphabet: classes.upper },
    { on: inputs["numeric"], min: inputs["minNumeric"], alphabet: classes.numeric },
    { on: inputs["special"], min: inputs["minSpecial"], alphabet: special },
  ];
  const characters = kinds.flatMap(({ min, alphabet }) => pick(alphabet, typeof min === "number" ? min : 0));
  if (characters.length > length)
    throw new Error(`'length' (${length}) must be at least the sum of the minimums (${characters.length})`);
  const alphabet = kinds.map((kind) => (kind.on === true ? kind.alphabet : "")).join("");
  characters.push(...pick(alphabet, length - characters.length));
  return shuffle(characters).join("");
}

function pick(alphabet: string, count: number): string[] {
  if (count > 0 && alphabet === "") throw new Error("at least one kind of character must be allowed");
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length)));
}

function shuffle<T>(items: T[]): T[] {
  const keyed = items.map((item) => ({ item, key: randomBytes(8).readBigUInt64BE() }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}

function positive(inputs: ValueMap, key: string): number {
  const value: Value | undefined = inputs[key];
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw new Error(`'${key}' (${JSON.stringify(value)}) must be a whole number above 0`);
}
