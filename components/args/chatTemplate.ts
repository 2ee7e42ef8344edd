import { readFileSync } from "node:fs";

/** Jinja's own marks tell a template from a path. */
export function isTemplateText(setting: string): boolean {
  return /\{[{%#]/.test(setting);
}

/** The template of the setting, which is its text or a file's path; undefined where the file cannot be read. */
export function templateText(setting: string): string | undefined {
  if (isTemplateText(setting)) return setting;
  try {
    return readFileSync(setting, "utf8");
  } catch {
    return undefined;
  }
}
