import { symptom } from "../../components/symptoms";
import { gatewayConfigs } from "../gatewayObjects";
import { type Check, type Checked, type CheckFinding, fine, type Skipped } from "./check";

/** What in the gateway breaks tool calls. */
export const gatewayChecks: readonly Check[] = [{ id: "gateway", title: "gateway", deployed: false, run: dropParams }];

async function dropParams({ client, stack }: Checked): Promise<CheckFinding | CheckFinding[] | Skipped> {
  const { namespace } = stack.args;
  const configs = await gatewayConfigs(client, namespace);
  if (configs.length === 0) return { skipped: `no LiteLLM of this program's in namespace ${namespace}` };
  const row = symptom("tool-calls-as-text");
  const found = configs.flatMap(({ name, text }): CheckFinding[] => {
    const faults = [
      ...(/^\s*drop_params:\s*true/m.test(text) || /"drop_params":\s*true/.test(text)
        ? ["sets drop_params: tool calls come back as text"]
        : []),
      ...(text.includes("supports_function_calling") ? [] : ["lacks model_info.supports_function_calling"]),
    ];
    return faults.map((fault) => ({
      severity: "error",
      evidence: `ConfigMap ${name} ${fault}`,
      mend: `${row.remedy}: pulumi up --cwd gateway --stack ${stack.name}`,
    }));
  });
  return found.length > 0 ? found : fine(configs.map(({ name }) => name).join(", "));
}
