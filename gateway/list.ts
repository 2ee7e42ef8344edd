import { type Problem, problem } from "../components/text/errors";
import { directProblems } from "./direct";
import { registrations } from "./registrations";
import type { Registration } from "./registration";
import type { Settings } from "./settings";
import type { Gone, ReadModels } from "./stacks";

/** What is registered, what must not be, and what is worth saying. Pure. */
export interface List {
  registrations: Registration[];
  problems: Problem[];
  notes: string[];
}

export function listOf(settings: Settings, read: ReadModels, owner: string): List {
  const list = registrations(read.models, owner);
  const direct = settings.mode === "direct" ? read.models.flatMap(directProblems) : [];
  return {
    registrations: list.registrations,
    problems: [...read.problems, ...list.problems, ...direct, ...nothingLeft(settings, read)],
    notes: read.gone.map(goneNote),
  };
}

/** A LiteLLM that exists may be left without entries of ours; a LiteLLM of ours without models is of no use. */
function nothingLeft({ mode, models }: Settings, { gone, models: found, problems }: ReadModels): Problem[] {
  if (mode === "register" || found.length > 0 || problems.length > 0 || models.length === 0) return [];
  const rule = "name at least one stack that holds a model";
  return [
    problem(
      "models",
      gone.map(({ stack }) => stack).join(", "),
      rule,
      "run `pulumi up` there first, or `pulumi destroy` here",
    ),
  ];
}

function goneNote({ stack, model, others }: Gone): string {
  if (others.length === 0)
    return `The stack ${stack} has no model (destroyed, or not deployed yet): its aliases are left out.`;
  return `The stack ${stack} has no model '${String(model)}' (taken away, not up yet, or mistyped; it has ${others.join(", ")}): its aliases are left out.`;
}
