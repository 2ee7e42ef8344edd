import { distance } from "fastest-levenshtein";

/** The one of the candidates that the user may have meant by a word that is none of them: the nearest, if it is near. */
export function closestTo(wrong: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((name) => ({ name, away: distance(wrong.toLowerCase(), name.toLowerCase()) }))
    .toSorted((one, other) => one.away - other.away);
  const best = ranked[0];
  return best !== undefined && best.away <= Math.max(2, wrong.length / 3) ? best.name : undefined;
}
