import { symptom } from "../../components/symptoms";
import { gatewayConfigs, gatewayPlace } from "../gatewayObjects";
import { type Check, type Checked, type CheckFinding, fine, type Skipped } from "./check";

/** What in the gateway breaks tool calls. */
export const gatewayChecks: readonly Check[] = [{ id: "gateway", title: "gateway", deployed: false, run: dropParams }];

async function dropParams({ client, stack }: Checked): Promise<CheckFinding | CheckFinding[] | Skipped> {
  const place = gatewayPlace(stack);
  if (!place) return { skipped: `the gateway has no stack '${stack.name}' here` };
  if (place.mode !== "deploy") {
    const how = `\`npm run ops -- smoke --gateway --stack ${stack.name}\` asks it for a tool call`;
    return { skipped: `its mode is ${place.mode}, so it is not on this cluster; ${how}` };
  }
  if (place.context !== stack.connection.context)
    return { skipped: `it is on another cluster (${place.context ?? "?"})` };
  const configs = await gatewayConfigs(client, place.namespace);
  if (configs.length === 0) return { skipped: `no LiteLLM in namespace ${place.namespace}` };
  const found = configs.flatMap(({ name, text }) => configFaults(text).map((fault) => `ConfigMap ${name} ${fault}`));
  if (found.length === 0) return fine(configs.map(({ name }) => name).join(", "));
  const mend = `pulumi up --cwd gateway --refresh --stack ${stack.name}   # ${symptom("tool-calls-as-text").remedy}`;
  return found.map((evidence) => ({ severity: "error", evidence, mend }));
}

/** What a LiteLLM configuration must not say, and what it must. */
export function configFaults(text: string): string[] {
  return [
    ...(/^\s*(- )?"?drop_params"?:\s*true/im.test(text) ? ["sets drop_params: tool calls come back as text"] : []),
    ...(/supports_function_calling"?:\s*true/.test(text) ? [] : ["lacks supports_function_calling: true"]),
  ];
}
