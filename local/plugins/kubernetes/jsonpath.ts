import { JSONPath } from "jsonpath-plus";
import type { Json } from "../shared/wire";

const name = String.raw`\.[\w-]+`;
const condition = String.raw`@((?:${name})+)\s*(?:==\s*("[^"]*"|'[^']*'|-?\d+|true|false)\s*)?`;
const each = new RegExp(condition, "g");
const steps = [
  name,
  String.raw`\[-?\d+\]`,
  String.raw`\[\s*(?:'[^']+'|"[^"]+")\s*\]`,
  String.raw`\[\*\]`,
  String.raw`\.\*`,
  String.raw`\[\?\(?\s*${condition}(?:&&\s*${condition})*\)?\]`,
];
const known = new RegExp(`^\\$?(?:${steps.join("|")})*`);

/**
 * What an expression selects. `pulumi.com/waitFor` takes another dialect than the library, so only what both read alike passes: fields,
 * indices, `[*]`, and filters on equality or existence, joined by `&&`.
 */
export function selectJsonPath(expression: string, root: Json): Json[] {
  const options = { path: checked(expression), json: root, eval: "safe", wrap: true } as const;
  const found: unknown = JSONPath(options);
  return found as Json[];
}

function checked(expression: string): string {
  const [read = ""] = known.exec(expression) ?? [];
  if (read !== expression) {
    throw new Error(`cannot read JSONPath ${expression} from "${expression.slice(read.length)}" on`);
  }
  const rooted = expression.startsWith("$") ? expression : `$${expression}`;
  return rooted
    .replaceAll(/\[(-\d+)\]/g, (_, index: string) => (index === "-1" ? "[-1:]" : `[${index}:${Number(index) + 1}]`))
    .replaceAll(/\[\?\(?\s*(.*?)\s*\)?\]/g, (_, filter: string) => `[?(${filter.replaceAll(each, asScript)})]`);
}

/** A condition in the library's JavaScript, false where a field on the way is missing. */
function asScript(_: string, path: string, literal?: string): string {
  const fields = path.slice(1).split(".");
  const at = (length: number): string =>
    `@${fields
      .slice(0, length)
      .map((field) => `["${field}"]`)
      .join("")}`;
  const parents = fields.slice(1).map((_field, index) => `${at(index + 1)} != null && `);
  return `${parents.join("")}${at(fields.length)} ${literal === undefined ? "!== undefined" : `=== ${literal}`} `;
}

/** A `jsonpath={.path}` or `jsonpath={.path}=value` expression. */
export interface Expectation {
  text: string;
  path: string;
  value: string | undefined;
}

export function parseExpectation(text: string): Expectation {
  const match = /^jsonpath=\{\s*(.*)\s*\}(?:=(.+))?$/s.exec(text);
  if (match === null) throw new Error(`"${text}" must have the form jsonpath={.path} or jsonpath={.path}=value`);
  const [, path = "", value] = match;
  checked(path.trim());
  return { text, path: path.trim(), value };
}

/** True when the first match has the value or, without one, when anything matches. */
export function meets(expectation: Expectation, object: Json): boolean {
  const [first] = selectJsonPath(expectation.path, object);
  if (first === undefined) return false;
  if (expectation.value === undefined) return true;
  if (first !== null && typeof first === "object") {
    throw new Error(`${expectation.text} selects ${JSON.stringify(first)}, which cannot equal a text`);
  }
  return String(first) === expectation.value;
}

/** What the path selects instead of the expected value, as text. */
export function foundText({ path }: Expectation, object: Json): string | undefined {
  const [first] = selectJsonPath(path, object);
  return first === undefined || typeof first === "string" ? first : JSON.stringify(first);
}
