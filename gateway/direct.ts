import { type Problem, problem } from "../components/text/errors";
import type { Model } from "./registration";

/** Without LiteLLM nothing translates names: the server itself must answer to every alias. */
export function directProblems({ path, stack, aliases, servedModelNames }: Model): Problem[] {
  return aliases
    .filter((alias) => !servedModelNames.includes(alias))
    .map((alias) => {
      const rule = `be one of the served names (${servedModelNames.join(", ")}) while 'mode' is direct`;
      const remedy = `add it to servedModelNames in ${stack} and run \`pulumi up\` there, or set mode to deploy`;
      return problem(`${path}.aliases`, alias, rule, remedy);
    });
}
