import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/** A value that the engine does not know yet (at preview). */
export class Unknown {
  constructor(readonly signature: string = unknownString) {}
}

/** A value that must stay encrypted in state and hidden in output. */
export class Secret {
  constructor(readonly value: Value) {}
}

/** A property value of the engine. */
export type Value = null | boolean | number | string | Unknown | Secret | Value[] | ValueMap;
export interface ValueMap {
  [key: string]: Value;
}

/** JSON, as it goes to the API server. */
export type Json = null | boolean | number | string | Json[] | JsonMap;
export interface JsonMap {
  [key: string]: Json;
}

// Signatures of the engine's wire format:
// https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go and .../plugin/rpc.go
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownSignatures = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  unknownString,
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads a message's properties; assets, archives and references to resources are refused. */
export function decode(struct: Struct | undefined): ValueMap {
  if (struct === undefined) return {};
  return decodeMap(struct.toJavaScript(), "");
}

function decodeMap(map: { [key: string]: JavaScriptValue }, path: string): ValueMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, decodeValue(value, `${path}.${key}`)]));
}

function decodeValue(value: JavaScriptValue, path: string): Value {
  if (typeof value === "string") return unknownSignatures.has(value) ? new Unknown(value) : value;
  if (Array.isArray(value)) {
    return (value as JavaScriptValue[]).map((item, index) => decodeValue(item, `${path}[${index}]`));
  }
  if (value === null || typeof value !== "object") return value;
  const map = value as { [key: string]: JavaScriptValue };
  const signature = map[signatureKey];
  if (signature === undefined) return decodeMap(map, path);
  if (signature !== secretSignature) {
    throw new Error(
      `'${path.slice(1)}' must be plain data; assets, archives and resource references are not supported`,
    );
  }
  const inner = decodeValue(map["value"] ?? null, path);
  // A secret that is not known yet must stay both.
  return new Secret(inner);
}

export function encode(map: ValueMap): Struct {
  return Struct.fromJavaScript(encodeMap(map));
}

function encodeMap(map: ValueMap): { [key: string]: JavaScriptValue } {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, encodeValue(value)]));
}

function encodeValue(value: Value): JavaScriptValue {
  if (value instanceof Unknown) return value.signature;
  if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encodeValue(value.value) };
  if (Array.isArray(value)) return value.map(encodeValue);
  return value !== null && typeof value === "object" ? encodeMap(value) : value;
}

export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/** The value without its secret marks; unknowns stay. */
export function reveal(value: Value): Value {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  return isMap(value) ? revealMap(value) : value;
}

export function revealMap(map: ValueMap): ValueMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, reveal(value)]));
}

function contains(value: Value, type: typeof Secret | typeof Unknown): boolean {
  if (value instanceof type) return true;
  if (value instanceof Secret) return contains(value.value, type);
  if (Array.isArray(value)) return value.some((item) => contains(item, type));
  return isMap(value) && Object.values(value).some((item) => contains(item, type));
}

export const hasUnknown = (value: Value): boolean => contains(value, Unknown);
export const hasSecret = (value: Value): boolean => contains(value, Secret);

/** The value as JSON for the API server; the caller has made sure that nothing in it is unknown. */
export function toJson(map: ValueMap): JsonMap {
  if (hasUnknown(map)) throw new Error("an unknown value cannot be sent to the API server");
  return revealMap(map) as JsonMap;
}
