import type { ImageLine, KnownVersion } from "./lines";
import { imageLines } from "./lines";
import known from "./vllmKnows.json";

/** What a version of vLLM may or may not know. */
export type Kind =
  "flags" | "toolParsers" | "reasoningParsers" | "kvCacheDtypes" | "environment" | "endpoints" | "messageRoles";

/** In which versions something is there: in `from` and the later ones, up to and with `to`. `npm run versions` asked the packages. */
interface Span {
  readonly from: KnownVersion;
  readonly to?: KnownVersion;
}

const versions = known.versions as readonly KnownVersion[];
const spans = known.known as Readonly<Record<Kind, Readonly<Record<string, Span>>>>;

/** Whether a line knows it; undefined where no package tells: between two versions of which one knows it, or before the first. */
export function lineKnows(line: ImageLine, kind: Kind, name: string): boolean | undefined {
  if (kind === "endpoints" && line.lacks?.includes(name)) return false;
  const [lower, upper] = line.between.map((version) => version && versionKnows(version, kind, name));
  return lower === upper ? upper : undefined;
}

/** All that a line knows for sure, for a sentence that offers it. */
export function knownBy(line: ImageLine, kind: Kind): string[] {
  return Object.keys(spans[kind]).filter((name) => lineKnows(line, kind, name) === true);
}

/** All that any of the versions knows. */
export function everKnown(kind: Kind): string[] {
  return Object.keys(spans[kind]);
}

/** The first line that knows it for sure. */
export function firstLineWith(kind: Kind, name: string): ImageLine | undefined {
  return imageLines.find((line) => lineKnows(line, kind, name) === true);
}

export function versionKnows(version: KnownVersion, kind: Kind, name: string): boolean {
  const span = spans[kind][name];
  if (!span) return false;
  const at = versions.indexOf(version);
  return at >= versions.indexOf(span.from) && at <= versions.indexOf(span.to ?? versions.at(-1)!);
}
