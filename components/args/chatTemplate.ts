import { readFileSync } from "node:fs";
import path from "node:path";

/** Jinja's own marks tell a template from a path. */
export function isTemplateText(setting: string): boolean {
  return /\{[{%#]/.test(setting);
}

/** The arguments with the template's file as it lies in that folder: a relative path counts from the process's own otherwise. */
export function templateFrom<Args extends { chatTemplate?: string | undefined }>(folder: string, args: Args): Args {
  const { chatTemplate } = args;
  if (chatTemplate === undefined || isTemplateText(chatTemplate)) return args;
  return { ...args, chatTemplate: path.resolve(folder, chatTemplate) };
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
