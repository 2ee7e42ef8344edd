import { lineOfVersion } from "../../components/images/lineOf";
import type { OpsStack } from "./openStack";
import type { NoState, StackState } from "./state";

/** Which vLLM the server of the stack's image has answered that it is, where neither the image's name nor `imageLine` says its line. */
export function toldVersion({ args }: Pick<OpsStack, "args">, state: StackState | NoState): string | undefined {
  if (args.line !== undefined || "missing" in state) return undefined;
  const component = `vllm-inference:index:VllmInference::${args.component}`;
  const { outputs = {} } = state.resources.find(({ urn }) => urn.endsWith(component)) ?? {};
  const { vllmVersion, image } = outputs;
  return image === args.image && typeof vllmVersion === "string" ? vllmVersion : undefined;
}

export function toldText(version: string): string {
  const line = lineOfVersion(version);
  return `${version}${line === undefined ? "" : ` (line ${line.name})`}, as its server answered`;
}
