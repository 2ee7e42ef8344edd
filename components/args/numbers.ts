import { type Problem, problem } from "../text/errors";

export function atLeast(field: string, value: number, least: number): Problem[] {
  if (Number.isInteger(value) && value >= least) return [];
  return [problem(field, value, `be a whole number of at least ${least}`, `set ${least} or more`)];
}
