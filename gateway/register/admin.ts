/**
 * LiteLLM's admin API, as far as a registration needs it. It is part of the provider's code, which Pulumi keeps in the state: nothing but data
 * is imported, and no key is known here.
 */
import { refusedVersions } from "../data/refusedVersions";

/** A LiteLLM and who asks it. */
export interface Admin {
  /** Without `/v1`. */
  readonly url: string;
  readonly adminKey: string;
  /** API key of a model, which must not be shown either. */
  readonly apiKey?: string;
}

/** What `GET /v1/model/info` says of an entry; LiteLLM adds much of its own. */
export interface LiveEntry {
  model_name: string;
  litellm_params: Record<string, unknown>;
  model_info: Record<string, unknown>;
}

/** Without its stack, which Pulumi would print beside the message when it reads or deletes. */
export function failure(text: string): Error {
  const error = new Error(text);
  error.stack = "";
  return error;
}

export function says(error: unknown, what: RegExp): boolean {
  return error instanceof Error && what.test(error.message);
}

/** A request with the admin key, which no version that is refused is given. */
export async function call(admin: Admin, method: string, path: string, body?: object): Promise<unknown> {
  await refuseVersion(admin.url);
  const { adminKey, apiKey = "" } = admin;
  const { ok, status, text } = await send(admin.url, method, path, {
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const where = `${method} ${base(admin.url)}${path}`;
  if (ok) return parsed(text, where);
  const hidden = [adminKey, apiKey].reduce((shown, key) => (key === "" ? shown : shown.replaceAll(key, "[key]")), text);
  throw failure(`LiteLLM answered ${status} to ${where}: ${hidden.slice(0, 300)}`);
}

function parsed(text: string, where: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    throw failure(`LiteLLM answered ${where} with something that is no JSON: is the URL another server's?`);
  }
}

/** Every entry that this worker of LiteLLM knows, less those that it takes for unhealthy where it is set to hide them. */
export function entries(admin: Admin): Promise<LiveEntry[]> {
  return read(admin, "");
}

/** An entry that this worker of LiteLLM knows, hidden or not. */
export async function find(admin: Admin, id: string): Promise<LiveEntry | undefined> {
  const found = await read(admin, `?litellm_model_id=${encodeURIComponent(id)}`);
  return found.find((each) => each.model_info["id"] === id);
}

async function read(admin: Admin, query: string): Promise<LiveEntry[]> {
  try {
    return ((await call(admin, "GET", `/v1/model/info${query}`)) as { data?: LiveEntry[] }).data ?? [];
  } catch (error) {
    // So it answers where there is no such entry, with status 400, and where there is none at all yet, with 500.
    if (says(error, /not found on litellm proxy|not loaded in/i)) return [];
    throw error;
  }
}

/** Whether it leaves out, for every model, what it takes for unsupported; undefined where it does not say, as older versions do not. */
export async function dropsParams(admin: Admin): Promise<boolean | undefined> {
  try {
    const { config_lines: lines = [] } = (await call(admin, "GET", "/debug/report")) as { config_lines?: string[] };
    return lines.includes("litellm_settings.drop_params = true");
  } catch (error) {
    if (says(error, /^LiteLLM answered 40[34] /)) return undefined;
    throw error;
  }
}

const judged: Record<string, Promise<void>> = {};

/** Throws where the LiteLLM is of a version that must not be given a key. It is asked without one, and once. */
function refuseVersion(url: string): Promise<void> {
  judged[url] ??= judge(url).catch((error: unknown) => {
    delete judged[url];
    throw error;
  });
  return judged[url];
}

async function judge(url: string): Promise<void> {
  const version = await versionOf(url);
  if (version === undefined || !refusedVersions.includes(version)) return;
  throw failure(
    `The LiteLLM at ${url} is of version ${version}, which was reported to carry malicious code. It was given no key.`,
  );
}

/** What it tells anybody: older versions in their readiness probe, newer ones in their API's description. Undefined where both are silent. */
export async function versionOf(url: string): Promise<string | undefined> {
  const ready = (await open(url, "/health/readiness")) as { litellm_version?: unknown } | undefined;
  if (typeof ready?.litellm_version === "string") return ready.litellm_version;
  const described = (await open(url, "/openapi.json")) as { info?: { version?: unknown } } | undefined;
  return typeof described?.info?.version === "string" ? described.info.version : undefined;
}

/** What is told without a key; undefined where it is no JSON object. */
async function open(url: string, path: string): Promise<object | undefined> {
  const { text } = await send(url, "GET", path, {});
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function send(
  url: string,
  method: string,
  path: string,
  init: { headers?: Record<string, string>; body?: string },
): Promise<{ ok: boolean; status: number; text: string }> {
  refusePassword(url);
  try {
    const response = await fetch(`${base(url)}${path}`, { method, ...init, signal: AbortSignal.timeout(30_000) });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (error) {
    // fetch hides the cause one level deeper.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw failure(`LiteLLM cannot be reached for ${method} ${base(url)}${path}: ${cause}`);
  }
}

/** Nobody can send a request to such a URL, and every message would show it. */
function refusePassword(url: string): void {
  if (!url.includes("@")) return;
  if (URL.canParse(url) && new URL(url).username === "" && new URL(url).password === "") return;
  throw failure(
    "The URL of the LiteLLM holds a user name or a password, which no request can carry; set 'litellmUrl' without them",
  );
}

function base(url: string): string {
  return url.replace(/\/+$/, "");
}
