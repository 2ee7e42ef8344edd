import type { Json } from "../shared/wire";

/** The part of JSONPath that `pulumi.com/waitFor` needs: fields, indices, `[*]`, and filters on equality or existence, joined by `&&`. */
type Step = { field: string } | { index: number } | { all: true } | { filter: Condition[] };

/** A field of the filtered element that must be there or, with `equals`, have that value. */
interface Condition {
  path: string[];
  equals: Literal | undefined;
}

type Literal = string | number | boolean;

const condition = /@((?:\.[\w-]+)+)\s*(?:==\s*("[^"]*"|'[^']*'|-?\d+|true|false)\s*)?/;
const each = condition.source.replace(/\((?!\?)/g, "(?:");
const stepPattern = new RegExp(
  String.raw`\.([\w-]+)|\[(-?\d+)\]|\[\s*(?:'([^']+)'|"([^"]+)")\s*\]|(\[\*\]|\.\*)|\[\?\(?\s*(${each}(?:&&\s*${each})*)\)?\]`,
  "y",
);

export function parseJsonPath(expression: string): Step[] {
  const steps: Step[] = [];
  stepPattern.lastIndex = expression.startsWith("$") ? 1 : 0;
  while (stepPattern.lastIndex < expression.length) {
    const from = stepPattern.lastIndex;
    const match = stepPattern.exec(expression);
    if (match === null) throw new Error(`cannot read JSONPath ${expression} from "${expression.slice(from)}" on`);
    const [, field, index, single, double, all, filter = ""] = match;
    const name = field ?? single ?? double;
    if (name !== undefined) steps.push({ field: name });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (all !== undefined) steps.push({ all: true });
    else steps.push({ filter: [...filter.matchAll(new RegExp(condition, "g"))].map(parseCondition) });
  }
  return steps;
}

function parseCondition([, path = "", literal]: RegExpExecArray): Condition {
  return { path: path.slice(1).split("."), equals: parseLiteral(literal) };
}

function parseLiteral(literal: string | undefined): Literal | undefined {
  if (literal === undefined) return undefined;
  if (/^["']/.test(literal)) return literal.slice(1, -1);
  return literal === "true" || literal === "false" ? literal === "true" : Number(literal);
}

export function selectJsonPath(steps: Step[], root: Json): Json[] {
  return steps.reduce<Json[]>((values, step) => values.flatMap((value) => apply(step, value)), [root]);
}

function apply(step: Step, value: Json): Json[] {
  if (value === null || typeof value !== "object") return [];
  const children = Array.isArray(value) ? value : Object.values(value);
  if ("all" in step) return children;
  if ("index" in step) {
    const item = Array.isArray(value) ? value.at(step.index) : undefined;
    return item === undefined ? [] : [item];
  }
  if ("field" in step) {
    const child = Array.isArray(value) ? undefined : value[step.field];
    return child === undefined ? [] : [child];
  }
  return children.filter((child) => step.filter.every((each) => holds(each, child)));
}

function holds({ path, equals }: Condition, element: Json): boolean {
  const found = path.reduce<Json | undefined>(
    (current, key) =>
      current !== null && typeof current === "object" && !Array.isArray(current) ? current[key] : undefined,
    element,
  );
  return equals === undefined ? found !== undefined : found === equals;
}

/** A `jsonpath={.path}` or `jsonpath={.path}=value` expression. */
export interface Expectation {
  text: string;
  steps: Step[];
  value: string | undefined;
}

export function parseExpectation(text: string): Expectation {
  const match = /^jsonpath=\{\s*(.*)\s*\}(?:=(.+))?$/s.exec(text);
  if (match === null) throw new Error(`"${text}" must have the form jsonpath={.path} or jsonpath={.path}=value`);
  const [, path = "", value] = match;
  return { text, steps: parseJsonPath(path.trim()), value };
}

/** True when the first match has the value or, without one, when anything matches. */
export function meets(expectation: Expectation, object: Json): boolean {
  const [first] = selectJsonPath(expectation.steps, object);
  if (first === undefined) return false;
  if (expectation.value === undefined) return true;
  if (first !== null && typeof first === "object") {
    throw new Error(`${expectation.text} selects ${JSON.stringify(first)}, which cannot equal a text`);
  }
  return String(first) === expectation.value;
}
