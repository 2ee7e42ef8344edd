/** What a secret looks like in plain text. Nothing here keeps or shows the text itself. */
import { rules as published } from "@secretlint/secretlint-rule-preset-recommend";

/** Words for the rules whose name does not say it well; https://github.com/secretlint/secretlint has them all. */
const words: Readonly<Record<string, string>> = {
  huggingface: "a Hugging Face token",
  github: "a GitHub token",
  gitlab: "a GitLab token",
  aws: "an AWS key",
  gcp: "a Google Cloud key",
  privatekey: "a private key",
  openai: "an OpenAI key",
  anthropic: "an Anthropic key",
  groq: "a Groq key",
};

/** Left out: what lets a comment in the text switch rules off, and two that take every placeholder for a password (see `passwordIn`). */
const leftOut = /-(?:filter-comments|basicauth|database-connection-string)$/;

/** As much of a rule as is used here; the preset's own types refer to packages that it does not bring. */
interface Rule {
  readonly meta: { readonly id: string };
  readonly create: (context: object, options: object) => { file?: (source: object) => unknown };
}
const rules = published as unknown as readonly Rule[];

let judged = { text: "", kind: undefined as string | undefined };
const checks = rules
  .filter(({ meta }) => !leftOut.test(meta.id))
  .map((rule) => {
    const name = rule.meta.id.replace(/^.*-rule-/, "");
    const report = ({ range: [start, end] }: { range: readonly [number, number] }): void => {
      if (!isExample(judged.text.slice(start, end))) judged.kind ??= words[name] ?? `a secret of ${name}`;
    };
    const context = { report, ignore: () => undefined, createTranslator: () => () => ({ message: "", messageId: "" }) };
    return rule.create(context, {});
  });

/** What the rule set does not know, or wants longer than it is in practice. */
const shapes: readonly [RegExp, string][] = [
  [/\bhf_[A-Za-z0-9]{20,}/, "a Hugging Face token"],
  [/\bnvapi-[\w-]{20,}/, "an NVIDIA key"],
  [/\bsk-(?:[a-z]+-)?[A-Za-z0-9_-]{20,}/, "an API key"],
  [/\bAKIA[0-9A-Z]{16}\b/, "an AWS key"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/, "a signed token"],
  [/\b(?:Bearer|Basic)\s+(?=[\w+/=.-]*\d)[\w+/=.-]{16,}/i, "a login"],
];

/** What kind of secret the text contains, if it contains one. */
export function secretIn(text: string): string | undefined {
  const shape = shapes.find(([pattern]) => {
    const found = pattern.exec(text)?.[0];
    return found !== undefined && !isExample(found);
  });
  if (shape) return shape[1];
  if (passwordIn(text)) return "a password in a URL";
  judged = { text, kind: undefined };
  for (const check of checks) void check.file?.(source(text));
  return judged.kind;
}

/** One letter again and again, asterisks, or "your". */
function isExample(found: string): boolean {
  return /([^-])\1{7,}|your|example|\*{3}/i.test(found);
}

function source(content: string): object {
  const place = { line: 1, column: 0 };
  const located = { indexToPosition: () => place, rangeToLocation: () => ({ start: place, end: place }) };
  return { filePath: "text", content, contentType: "text", ext: "", ...located };
}

/** `postgresql://user:password@host`, `password=…` of a connection's words, in any scheme. */
function passwordIn(text: string): boolean {
  const inUrls = text.matchAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s@/"']+)@[\w.[-]/gi);
  const inWords = text.matchAll(/(?:^|[\s;&?])(?:password|pwd)=([^\s;&"']+)/gi);
  return [...inUrls, ...inWords].some(([, password = ""]) => isSecretText(password));
}

const names =
  /(?:passw(?:or)?d|passphrase|secret|credentials?|(?:^|[_.-])(?:token|pwd|pass|salt|(?:api|access|secret|private|master|salt|encryption|signing|auth|admin|license|session)[_-]?key))$/i;

/** Marks of a text for a model, and names by which a new cluster knows its members: no tokens for a login. */
const marks = /(?:^|_)(?:(?:bos|eos|pad|unk|sep|cls|mask|stop|image|max|num)_?tokens?|initial[_-]cluster[_-]token)$/i;

/** Whether a variable, key or flag of this name holds a secret. */
function namesSecret(name: string): boolean {
  const separate = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  return names.test(separate) && !marks.test(separate);
}

/** Whether the name announces a user and a password, as `BASIC_AUTH=user:password`. */
function namesLogin(name: string): boolean {
  return /(?:^|[_.-])(?:(?:basic|http)[_-]?auth|auth|login|userpass|user_?password)$/i.test(name);
}

/** What kind of secret something is by its name and value, as `kindByName("db_password", "x1")`. */
export function kindByName(name: string, value: string): string | undefined {
  if (namesSecret(name) && isSecretText(value)) return "a value in plain text";
  return namesLogin(name) && isLogin(value) ? "a login in plain text" : undefined;
}

/** `user:password`, the password not a port and no placeholder. */
function isLogin(value: string): boolean {
  const password = /^[^\s:/@]+:([^\s]+)$/.exec(value.trim())?.[1];
  return password !== undefined && isSecretText(password);
}

/** What stands for a secret where none is needed, or until there is one. */
const placeholders =
  /^(?:(?:sk|hf|key|token)[-_]?)?(?:dummy|none|null|nil|empty|fake|unused|ignored?|anything|placeholder|example|sample|test(?:ing)?|n\/?a|todo|tbd|undefined|string|password|secret|token|x+|\*+|\.+|0+|-+|1234|no|not|no[-_]?(?:key|token|password)|not[-_](?:needed|used|required|set|applicable|real|relevant)|no[-_]key[-_](?:needed|required)|does[-_]not[-_]matter(?:[-_][a-z]+)*|change[-_]?(?:me|it|this)|replace[-_]?(?:me|this)|set[-_]?me|fill[-_]?me|redacted|hidden)(?:[-_](?:key|token|value|secret|password|string))*$/i;
const references =
  /^(?:\$|%|@|<.*>$|\{\{|os\.environ|process\.env|env[:.]|secret(?:ref)?:|vault:|ref\+|file:|https?:\/\/|\.{0,2}\/)|^(?:your|my|insert|enter)[-_ ]|[([{]|^\d+$|^(?:true|false|yes|off|on)$/i;

/** Whether the value of something that is named like a secret is one: no placeholder, number, switch, path or reference. */
export function isSecretText(value: string): boolean {
  const text = value.trim();
  return text !== "" && !placeholders.test(text) && !references.test(text) && !announced.test(text);
}

/** A provider's prefix and a word in capitals, where a key is to be written: `nvapi-YOUR_KEY`, `hf_TOKEN`. */
const announced = /^(?:nvapi|sk|hf|gh[ps]|gsk|key|token)[-_][A-Z]+(?:[-_][A-Z]+)*$/;

/** The key of a line such as `master_key: sk-…` in a longer text, where its value is a secret. */
export function secretLine(text: string): string | undefined {
  for (const [, key = "", value = ""] of text.matchAll(
    /^[\s-]*(?:export )?["']?([\w.-]+)["']?\s*[:=]\s*["']?([^\s"'#,;]+)/gm,
  )) {
    // A word of letters alone is a name more often than a secret.
    if (namesSecret(key) && isSecretText(value) && /\d/.test(value) && value.length >= 6) return key;
  }
  return undefined;
}
