import { closestTo } from "../text/closest";

/** The known word that is most like one that is not known, also where one is the other with something more: `hermes2pro`, `hermes`. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.\s]/g, "");
  const more = (one: string, other: string): boolean => other !== "" && plain(one).startsWith(plain(other));
  return closestTo(word, known) ?? known.find((each) => word !== "" && (more(word, each) || more(each, word)));
}
