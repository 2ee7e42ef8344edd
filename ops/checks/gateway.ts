import { parse } from "yaml";
import { z } from "zod";
import { symptom } from "../../components/symptoms";
import { dropsParams, entries, says } from "../../gateway/register/admin";
import { added } from "../../gateway/register/provider";
import { messageOf } from "../../shared/errors";
import { OpsError } from "../terminal/exitCodes";
import { gatewayOutputs } from "../stack/gatewayOutputs";
import { type GatewayPlace, adminOf, gatewayConfigs, gatewayPlace } from "./gatewayObjects";
import type { OpsStack } from "../stack/openStack";
import { type Answer, type Check, type Checked, type CheckFinding, fine } from "./check";

/** What in the gateway breaks tool calls. */
export const gatewayChecks: readonly Check[] = [{ id: "gateway", title: "gateway", deployed: false, run: gateway }];

async function gateway({ client, stack }: Checked): Promise<Answer> {
  let place: GatewayPlace | undefined;
  try {
    place = gatewayPlace(stack);
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return { severity: "error", evidence: error.message };
  }
  if (!place) return { skipped: `the gateway has no stack '${stack.name}' here` };
  switch (place.mode) {
    case "deploy":
      return deployed(client, stack, place);
    case "register":
      return registered(stack, place);
    default:
      return { skipped: `its mode is ${place.mode}: there is no LiteLLM` };
  }
}

async function deployed(client: Checked["client"], stack: OpsStack, place: GatewayPlace): Promise<Answer> {
  if (place.context === undefined) return { skipped: `${place.file} names no kubeContext` };
  if (place.context !== stack.connection.context) return { skipped: `it is on another cluster (${place.context})` };
  const configs = await gatewayConfigs(client, place.namespace);
  if (configs.length === 0) return { skipped: `no LiteLLM in namespace ${place.namespace}` };
  const found = configs.flatMap(({ name, text }) => configFaults(text).map((fault) => `ConfigMap ${name}: ${fault}`));
  return found.length === 0 ? fine(configs.map(({ name }) => name).join(", ")) : faults(stack, found);
}

/** The entries of a LiteLLM that exists, read with the stack's own admin key. */
async function registered(stack: OpsStack, place: GatewayPlace): Promise<Answer> {
  const admin = await adminOf(stack, place);
  if ("skipped" in admin) return admin;
  try {
    const own = (await entries(admin)).filter(({ model_info: { managed_by: owner } }) => isOwn(owner, place));
    const outputs = await gatewayOutputs(stack);
    const aliases = "missing" in outputs ? [] : (outputs.aliases ?? []);
    const missing = aliases.filter((alias) => !own.some(({ model_name: name }) => name === alias));
    const paused = own.filter(({ model_info }) => model_info["blocked"] === true);
    const found = [
      ...((await dropsParams(admin)) ? [dropsAll] : []),
      ...entryFaults(own),
      ...named(missing, "is an alias of the stack and is not listed", "are aliases of the stack and are not listed"),
      ...named(paused.map(nameOf), "is paused", "are paused"),
      ...foreignSettings(own),
    ];
    const note = `${own.length} entries of this stack in ${admin.url}`;
    return found.length === 0 ? fine(note) : faults(stack, found);
  } catch (error) {
    if (!says(error, /LiteLLM/)) throw error;
    return {
      severity: "error",
      evidence: (error as Error).message,
      mend: `look at litellmUrl and litellmAdminKey in ${place.file}`,
    };
  }
}

/** The organization is the backend's affair; project and stack are known here. */
function isOwn(owner: unknown, { project, stack }: GatewayPlace): boolean {
  return typeof owner === "string" && owner.endsWith(`/${project}/${stack}`);
}

function faults(stack: OpsStack, found: readonly string[]): CheckFinding[] {
  const mend = `pulumi up --cwd gateway --refresh --stack ${stack.name}   # ${symptom("tool-calls-as-text").remedy}`;
  return found.map((evidence) => ({ severity: "error", evidence, mend }));
}

const dropsAll = "sets drop_params for every model (litellm_settings): tool calls come back as text";

const anyMap = z.record(z.string(), z.unknown()).nullish();

/** What an entry says, in a configuration file or through the admin API. */
const entry = z.object({ model_name: z.unknown(), litellm_params: anyMap, model_info: anyMap });

/** A configuration file of LiteLLM's, as far as it is looked at. */
const configuration = z.object({ model_list: z.array(entry).nullish(), litellm_settings: anyMap });

type Entry = Partial<z.infer<typeof entry>>;
type Configuration = z.infer<typeof configuration>;

/** What a LiteLLM configuration must not say, and what it must, of every model in it. */
export function configFaults(text: string): string[] {
  let config: Configuration;
  try {
    config = configuration.parse(parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    return [`is no configuration of LiteLLM's: ${why.replace(/\s*\n\s*/g, " ")}`];
  }
  const models = config.model_list ?? [];
  return [
    ...(isOn(config.litellm_settings?.["drop_params"]) ? [dropsAll] : []),
    ...(models.length === 0 ? ["has no model"] : []),
    ...entryFaults(models),
  ];
}

/** Each fault once, with the entries that have it. */
export function entryFaults(list: readonly Entry[]): string[] {
  const having = (fault: (entry: Entry) => boolean): string[] => list.filter(fault).map(nameOf);
  const lacking = (flag: string): string[] => having(({ model_info: info }) => info?.[flag] !== true);
  return [
    ...named(
      having(({ litellm_params: params }) => isOn(params?.["drop_params"])),
      "sets drop_params: tool calls come back as text",
      "set drop_params: tool calls come back as text",
    ),
    ...["supports_function_calling", "supports_tool_choice"].flatMap((flag) =>
      named(lacking(flag), `lacks ${flag}: true`, `lack ${flag}: true`),
    ),
  ];
}

function foreignSettings(list: readonly Parameters<typeof added>[0][]): string[] {
  return list.flatMap((entry) => {
    const settings = added(entry).filter((key) => key !== "drop_params");
    return settings.length === 0 ? [] : [`${entry.model_name} has ${settings.join(", ")}, set by somebody else`];
  });
}

function nameOf({ model_name: name }: Entry): string {
  return String(name);
}

function named(names: readonly string[], one: string, several: string): string[] {
  if (names.length === 0) return [];
  return [`${[...new Set(names)].join(", ")} ${names.length === 1 ? one : several}`];
}

/** LiteLLM takes a word for a flag, too. */
function isOn(value: unknown): boolean {
  return value === true || (typeof value === "string" && /^(true|1|yes|on)$/i.test(value));
}
