/** What a secret looks like in plain text. Nothing here keeps or shows the text itself. */

const shapes: readonly [RegExp, string][] = [
  [/\bhf_[A-Za-z0-9]{20,}/, "a Hugging Face token"],
  [/\bsk-[A-Za-z0-9_-]{20,}/, "an API key"],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,})/, "a repository token"],
  [/\bAKIA[0-9A-Z]{16}\b/, "an access key"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/, "a signed token"],
];

/** What kind of secret the text contains, if it contains one. */
export function secretIn(text: string): string | undefined {
  return shapes.find(([shape]) => shape.test(text))?.[1];
}

const names =
  /(?:^|[_.-])(?:token|password|passwd|secret|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|credentials?)$/i;

/** Marks of a text for a model, not tokens for a login. */
const marks = /(?:^|_)(?:bos|eos|pad|unk|sep|cls|mask|stop|image)_token$/i;

/** Whether a variable, key or flag of this name holds a secret. */
export function namesSecret(name: string): boolean {
  return names.test(name) && !marks.test(name);
}

/** Whether the value of something that is named like a secret is one: not empty, a number, a switch, a path or a reference. */
export function isSecretText(value: string): boolean {
  return !/^(?:|\d+|true|false|EMPTY|none|null|\/\S*|\$\(.*\)|\$\{?\w+\}?)$/i.test(value.trim());
}
