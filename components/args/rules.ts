/** Rules that the stacks of models and of gateways have in common. */
import { type Problem, problem } from "../text/errors";
import { parseQuantity } from "../text/quantity";
import { isDnsLabel, isDnsName } from "../text/syntax";

/** CPU, memory and disk as they were given: what is unset may be said to be. */
type Amounts = Partial<Record<"cpu" | "memory" | "ephemeral-storage", string | undefined>> | undefined;

export function objectNameProblems(field: string, value: string | undefined): Problem[] {
  if (value === undefined || isDnsName(value)) return [];
  const rule = "be the name of a Kubernetes object (a-z, 0-9, - and .)";
  return [problem(field, value, rule, "set the object's name, or leave it empty")];
}

export function namespaceProblems(value: string, example: string): Problem[] {
  if (isDnsLabel(value)) return [];
  const rule = "be a DNS label (a-z, 0-9 and -, at most 63 characters)";
  return [problem("namespace", value, rule, `set a name such as ${example}`)];
}

/** @param because what lies outside `/v1` */
export function routePathProblems(value: string, because: string): Problem[] {
  if (/^\/v1(\/[A-Za-z0-9_\-.]+)*$/.test(value)) return [];
  return [problem("routePath", value, `be /v1 or a path below it, because ${because}`, "set /v1")];
}

export function quantityProblems(field: string, value: string, example: string): Problem[] {
  const amount = parseQuantity(value);
  if (amount !== undefined && amount > 0) return [];
  return [problem(field, value, "be a Kubernetes quantity above 0", `set a size such as ${example}`)];
}

export function computeProblems(
  field: string,
  { requests = {}, limits = {} }: { requests?: Amounts; limits?: Amounts },
): Problem[] {
  return (["cpu", "memory", "ephemeral-storage"] as const).flatMap((unit) => {
    const [request, limit] = [requests[unit], limits[unit]];
    const example = unit === "cpu" ? "500m" : "2Gi";
    const problems = [
      ...(request === undefined ? [] : quantityProblems(`${field}.requests.${unit}`, request, example)),
      ...(limit === undefined ? [] : quantityProblems(`${field}.limits.${unit}`, limit, example)),
    ];
    const [asked, allowed] = [request, limit].map((each) => parseQuantity(each ?? ""));
    if (asked === undefined || allowed === undefined || asked <= allowed) return problems;
    const rule = `be at most '${field}.limits.${unit}' (${limit})`;
    const remedy = "set a smaller request or a larger limit";
    return [...problems, problem(`${field}.requests.${unit}`, request, rule, remedy)];
  });
}
