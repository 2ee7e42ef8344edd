/**
 * One entry of a LiteLLM that exists, as a resource. Pulumi keeps the code of a dynamic provider in the state, so this file imports no package
 * at run time and knows no key: the keys are inputs, which the state encrypts.
 * https://www.pulumi.com/docs/iac/concepts/providers/dynamic-providers/
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Entry } from "../entries";
import { type LiveEntry, call, dropsParams, failure, find, says } from "./admin";

/** An entry without its API key, which LiteLLM never shows again. */
export type PublicEntry = Omit<Entry, "litellm_params"> & { litellm_params: Omit<Entry["litellm_params"], "api_key"> };

export interface RegistrationInputs {
  url: string;
  adminKey: string;
  apiKey: string;
  entry: PublicEntry;
}

/** The settings of an entry that are ours, whatever the state has seen of it. */
const own: {
  params: Record<keyof PublicEntry["litellm_params"], true>;
  info: Record<keyof Entry["model_info"], true>;
} = {
  params: { model: true, api_base: true },
  info: {
    id: true,
    mode: true,
    supports_function_calling: true,
    supports_tool_choice: true,
    supported_endpoints: true,
    max_input_tokens: true,
    max_output_tokens: true,
    managed_by: true,
  },
};

/** Whether the entry was made by this gateway's stack. */
function isOurs(live: LiveEntry, entry: PublicEntry): boolean {
  return live.model_info["managed_by"] === entry.model_info.managed_by;
}

/**
 * Settings that no entry of ours has and somebody has added. LiteLLM shows some settings that nobody has made, as null or false.
 * The API key is never shown.
 */
export function added(live: LiveEntry): string[] {
  return Object.entries(live.litellm_params)
    .filter(([key, value]) => !(key in own.params) && value !== undefined && value !== null && value !== false)
    .map(([key]) => key);
}

function isPaused(live: LiveEntry): boolean {
  return live.model_info["blocked"] === true;
}

/** Makes the entry what it shall be, whatever a killed run has left of it. */
async function put(inputs: RegistrationInputs): Promise<void> {
  const { entry, apiKey, url } = inputs;
  const { id } = entry.model_info;
  const body = { ...entry, litellm_params: { ...entry.litellm_params, api_key: apiKey } };
  if (await dropsParams(inputs)) {
    const rule = "which makes it leave out `tools`, and tool calls come back as text";
    throw failure(
      `The LiteLLM at ${url} has drop_params: true for every model (litellm_settings), ${rule}; remove it there and restart it`,
    );
  }
  const live = await find(inputs, id);
  if (live && !isOurs(live, entry)) {
    throw failure(
      `LiteLLM has an entry ${id} that does not belong to ${entry.model_info.managed_by}; remove it there first`,
    );
  }
  if (live && added(live).length === 0) {
    await call(inputs, "PATCH", `/model/${id}/update`, isPaused(live) ? { ...body, blocked: false } : body);
    return;
  }
  if (!live) return make(inputs, body);
  // A PATCH merges and cannot take a setting away, not even with null.
  await call(inputs, "POST", "/model/delete", { id });
  try {
    await makeAgain(inputs, body);
  } catch (error) {
    const gone = `so the alias ${entry.model_name} is gone until the next \`pulumi up\` makes it`;
    throw failure(`${(error as Error).message}; the entry was deleted to be made anew, ${gone}`);
  }
}

async function make(inputs: RegistrationInputs, body: object): Promise<void> {
  try {
    await call(inputs, "POST", "/model/new", body);
  } catch (error) {
    // Another worker of LiteLLM may have it in the database and this one has not read it yet: an id that is taken is answered so.
    if (!says(error, /failed to add model to db/i)) throw error;
    await call(inputs, "PATCH", `/model/${inputs.entry.model_info.id}/update`, body);
  }
}

/** Milliseconds before each further try. */
export const pauses = [500, 1000, 2000, 4000];

/** With patience, because a client's requests fail meanwhile. */
async function makeAgain(inputs: RegistrationInputs, body: object): Promise<void> {
  for (const pause of pauses) {
    try {
      return await make(inputs, body);
    } catch (error) {
      // A database that is away is answered as an id that is taken: then there is nothing to be patched.
      if (!says(error, /^LiteLLM (cannot be reached|answered (404|429|5\d\d) )/)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  await make(inputs, body);
}

/** In place of what somebody has added, which may be a secret. */
const foreign = "set by somebody else; `up` removes it";

/** What of the live entry is ours to say, in the form of the inputs, and what somebody has added. */
function seen(live: LiveEntry): object {
  const pick = (from: Record<string, unknown>, keys: object): object =>
    Object.fromEntries(Object.entries(from).filter(([key, value]) => key in keys && value !== undefined));
  return {
    model_name: live.model_name,
    litellm_params: {
      ...pick(live.litellm_params, own.params),
      ...Object.fromEntries(added(live).map((key) => [key, foreign])),
    },
    model_info: {
      ...pick(live.model_info, own.info),
      ...(isPaused(live) && { blocked: true }),
    },
  };
}

/** Compares regardless of the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => same(left[key], right[key]));
}

export const registrationProvider: pulumi.dynamic.ResourceProvider<RegistrationInputs, RegistrationInputs> = {
  diff(_id, olds, news) {
    const moved = olds.url !== news.url;
    const renamed = olds.entry.model_info.id !== news.entry.model_info.id;
    const changed = (["adminKey", "apiKey", "entry"] as const).some((key) => !same(olds[key], news[key]));
    return Promise.resolve({
      changes: moved || changed,
      replaces: [...(moved ? ["url"] : []), ...(renamed ? ["entry"] : [])],
      // The new URL may be another name of the same LiteLLM: deleting last would take the entry that was just made.
      deleteBeforeReplace: moved,
    });
  },
  async create(inputs) {
    await put(inputs);
    return { id: inputs.entry.model_info.id, outs: inputs };
  },
  async update(_id, _olds, news) {
    await put(news);
    return { outs: news };
  },
  async read(id, props) {
    if (!props) throw failure(`the entry ${id} cannot be imported: run \`pulumi up\`, which finds it by its id`);
    const live = await find(props, id);
    if (!live || !isOurs(live, props.entry)) return { id: "", props };
    return { id, props: { ...props, entry: seen(live) as PublicEntry } };
  },
  async delete(id, props) {
    const live = await find(props, id);
    if (live && !isOurs(live, props.entry)) return;
    try {
      // Also where it is not listed: this worker may not have read it yet, and nobody would ever remove it then.
      await call(props, "POST", "/model/delete", { id });
    } catch (error) {
      if (live || !says(error, /not found/i)) throw error;
    }
  },
};
