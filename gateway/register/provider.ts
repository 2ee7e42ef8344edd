/**
 * One entry of a LiteLLM that exists, as a resource. Pulumi keeps the code of a dynamic provider in the state, so this file imports nothing
 * at run time and knows no key: the keys are inputs, which the state encrypts.
 * https://www.pulumi.com/docs/iac/concepts/providers/dynamic-providers/
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Entry } from "../entries";

/** An entry without its API key, which LiteLLM never shows again. */
export type PublicEntry = Omit<Entry, "litellm_params"> & { litellm_params: Omit<Entry["litellm_params"], "api_key"> };

export interface RegistrationInputs {
  url: string;
  adminKey: string;
  apiKey: string;
  entry: PublicEntry;
}

/** What `GET /v1/model/info` says of an entry; LiteLLM adds much of its own. */
interface LiveEntry {
  model_name: string;
  litellm_params: Record<string, unknown>;
  model_info: Record<string, unknown>;
}

type Keyed = Pick<RegistrationInputs, "url" | "adminKey" | "apiKey">;

/** Without its stack, which Pulumi would print beside the message when it reads or deletes. */
function failure(text: string): Error {
  const error = new Error(text);
  error.stack = "";
  return error;
}

async function call(keyed: Keyed, method: string, path: string, body?: object): Promise<unknown> {
  const url = `${keyed.url.replace(/\/+$/, "")}${path}`;
  const hidden = (text: string): string =>
    [keyed.adminKey, keyed.apiKey].reduce((shown, key) => (key === "" ? shown : shown.replaceAll(key, "[key]")), text);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${keyed.adminKey}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw failure(`LiteLLM cannot be reached for ${method} ${url}: ${hidden(cause)}`);
  }
  const text = await response.text();
  if (!response.ok)
    throw failure(`LiteLLM answered ${response.status} to ${method} ${url}: ${hidden(text).slice(0, 300)}`);
  return text === "" ? undefined : JSON.parse(text);
}

async function find(keyed: Keyed, id: string): Promise<LiveEntry | undefined> {
  try {
    const { data = [] } = (await call(keyed, "GET", "/v1/model/info")) as { data?: LiveEntry[] };
    return data.find((each) => each.model_info["id"] === id);
  } catch (error) {
    // So a LiteLLM answers that has no model at all yet, with status 500.
    if (says(error, /not loaded in/i)) return undefined;
    throw error;
  }
}

function says(error: unknown, what: RegExp): boolean {
  return error instanceof Error && what.test(error.message);
}

/** Whether the entry was made by this gateway's stack. */
function isOurs(live: LiveEntry, entry: PublicEntry): boolean {
  return live.model_info["managed_by"] === entry.model_info.managed_by;
}

/** Keys that LiteLLM obeys and no entry of ours has: somebody has added them. */
function added(live: LiveEntry): string[] {
  return ["drop_params", "additional_drop_params"].filter((key) => {
    const value = live.litellm_params[key];
    return value !== undefined && value !== null && value !== false;
  });
}

/** Makes the entry what it shall be, whatever a killed run has left of it. */
async function put(inputs: RegistrationInputs): Promise<void> {
  const { entry, apiKey } = inputs;
  const { id } = entry.model_info;
  const body = { ...entry, litellm_params: { ...entry.litellm_params, api_key: apiKey } };
  const live = await find(inputs, id);
  if (live && !isOurs(live, entry)) {
    throw failure(
      `LiteLLM has an entry ${id} that does not belong to ${entry.model_info.managed_by}; remove it there first`,
    );
  }
  if (live && added(live).length === 0) {
    await call(inputs, "PATCH", `/model/${id}/update`, body);
    return;
  }
  // A PATCH merges and cannot take a key away.
  if (live) await call(inputs, "POST", "/model/delete", { id });
  try {
    await call(inputs, "POST", "/model/new", body);
  } catch (error) {
    // Another worker of LiteLLM may have it in the database and this one has not read it yet: an id that is taken is answered so.
    if (!says(error, /failed to add model to db/i)) throw error;
    await call(inputs, "PATCH", `/model/${id}/update`, body);
  }
}

/** What of the live entry is ours to say, in the form of the inputs. */
function seen(live: LiveEntry, entry: PublicEntry): object {
  const pick = (from: Record<string, unknown>, keys: string[]): object =>
    Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
  return {
    model_name: live.model_name,
    litellm_params: pick(live.litellm_params, [...Object.keys(entry.litellm_params), ...added(live)]),
    model_info: pick(live.model_info, Object.keys(entry.model_info)),
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
    return { id, props: { ...props, entry: seen(live, props.entry) as PublicEntry } };
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
