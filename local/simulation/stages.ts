import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";

/** A KWOK Stage, as far as this program looks into it. */
export interface Stage extends KubernetesObject {
  spec: { resourceRef: { kind: string } };
}

/** Every Stage of `stages/`. */
export function loadStages(): Stage[] {
  const folder = join(__dirname, "stages");
  return readdirSync(folder)
    .sort()
    .flatMap((file) => parseStages(readFileSync(join(folder, file), "utf8")));
}

function parseStages(text: string): Stage[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Stage;
  });
}
