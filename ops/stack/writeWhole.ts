import { rename, writeFile } from "node:fs/promises";

/** Whole or not at all: a killed command leaves no half file. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.partial`, text);
  await rename(`${file}.partial`, file);
}
