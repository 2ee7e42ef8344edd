/** Shapes of secrets that a log line might carry: Hub tokens, API keys, bearer tokens, passwords in URLs and in `key=value`. */
const shapes: readonly [RegExp, string][] = [
  [/\bhf_[A-Za-z0-9]{4,}/g, "hf_…"],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, "sk-…"],
  [/(bearer\s+)[^\s"',]+/gi, "$1…"],
  [/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, "$1…@"],
  [/((?:api[_-]?key|token|password|secret)["']?\s*[=:]\s*["']?)[^\s"',}]{6,}/gi, "$1…"],
];

/** A text without the secrets that it may carry. */
export function redact(text: string): string {
  return shapes.reduce((rest, [shape, instead]) => rest.replace(shape, instead), text);
}

/** The lines of a log, without secrets, terminal colours and the overwritten parts of progress bars. */
export function redactLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => redact(line.split("\r").findLast((part) => part.trim() !== "") ?? ""))
    .map((line) => line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, "").trimEnd())
    .filter((line) => line !== "");
}
