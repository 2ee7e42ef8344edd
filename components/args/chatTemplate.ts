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

/** A mark that nothing closes, and the line where it opens. */
export interface Unclosed {
  readonly mark: string;
  readonly line: number;
}

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const raw = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const endOfRaw = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const text = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y;

/**
 * The first of Jinja's marks that is not closed. It goes through a template as jinja2's own lexer does: texts in quotes hold no mark, and
 * an end counts only where all brackets are closed (https://github.com/pallets/jinja/blob/3.1.6/src/jinja2/lexer.py).
 */
export function unclosedMark(given: string): Unclosed | undefined {
  const template = given.replace(/\r?\n$/, "");
  const marks = /\{[{%#]/g;
  for (let found = marks.exec(template); found; found = marks.exec(template)) {
    const [mark] = found;
    const end = endOf(template, found.index, mark);
    if (end === undefined) return { mark, line: template.slice(0, found.index).split("\n").length };
    marks.lastIndex = end;
  }
  return undefined;
}

function endOf(template: string, start: number, mark: string): number | undefined {
  // Where nothing follows them, jinja2 takes a comment and a raw part without an end.
  if (mark === "{#")
    return /^[-+]?$/.test(template.slice(start + 2)) ? template.length : after(template.indexOf("#}", start + 2));
  raw.lastIndex = start;
  if (raw.test(template)) {
    endOfRaw.lastIndex = raw.lastIndex;
    if (raw.lastIndex === template.length) return raw.lastIndex;
    return endOfRaw.test(template) ? endOfRaw.lastIndex : undefined;
  }
  const end = mark === "{%" ? "%}" : "}}";
  const open: string[] = [];
  for (let at = start + 2; at < template.length; at++) {
    const sign = template[at]!;
    if (open.length === 0 && template.startsWith(end, at)) return at + 2;
    if (sign === "'" || sign === '"') {
      text.lastIndex = at;
      if (!text.test(template)) return undefined;
      at = text.lastIndex - 1;
    } else if (closers[sign] !== undefined) open.push(closers[sign]);
    else if (/[)\]}]/.test(sign) && open.pop() !== sign) return undefined;
  }
  return undefined;
}

function after(index: number): number | undefined {
  return index < 0 ? undefined : index + 2;
}
