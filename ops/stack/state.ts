import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Stopped, withCleanUp } from "../terminal/interrupt";
import { isNoSuchStack, type OpsStack } from "./openStack";
import { messageOf } from "../../shared/errors";

/** What the backend holds of a stack. */
export interface StackState {
  outputs: Readonly<Record<string, unknown>>;
  /** What a killed `up` left unfinished, as `creating vllm-deployment`. */
  pending: string[];
  resources: StateResource[];
  /** When the state was last written. */
  time?: string;
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

interface Exported {
  deployment?: {
    manifest?: { time?: string };
    resources?: StateResource[];
    pending_operations?: { type: string; resource: { urn: string } }[];
  };
}

/** Why there is no state to be had. */
export interface NoState {
  missing: string;
  /** The backend has no such stack; otherwise it cannot be asked: no login, no pulumi. */
  noStack?: true;
}

/** The state, or why it cannot be had. */
export async function readState(stack: Pick<OpsStack, "pulumi">): Promise<StackState | NoState> {
  let text: string;
  try {
    text = await stack.pulumi("stack", "export");
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return { missing: messageOf(error), ...(isNoSuchStack(error) && { noStack: true }) };
  }
  const { deployment = {} } = JSON.parse(text) as Exported;
  const { resources = [], pending_operations: pending = [], manifest } = deployment;
  return {
    outputs: resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {},
    pending: pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1) ?? ""}`),
    resources,
    ...(manifest?.time !== undefined && { time: manifest.time }),
  };
}

/**
 * Takes the unfinished operations out of the state. Whether they happened need not be asked, as `pulumi refresh` does: the program
 * applies its objects anew whether they exist or not, and knows its own by their annotation.
 */
export function dropPending(stack: Pick<OpsStack, "pulumi">): Promise<void> {
  return changeState<Exported, void>(stack, ({ deployment }) => {
    delete deployment?.pending_operations;
  });
}

/** Exports the state, changes it and imports it again. Secrets stay encrypted in it. */
export async function changeState<State extends object, T>(
  stack: Pick<OpsStack, "pulumi">,
  change: (state: State) => T,
): Promise<T> {
  const state = JSON.parse(await stack.pulumi("stack", "export")) as State;
  const result = change(state);
  const folder = await mkdtemp(path.join(tmpdir(), "ops-state-"));
  await withCleanUp(
    () => rm(folder, { recursive: true, force: true }),
    async () => {
      const file = path.join(folder, "state.json");
      await writeFile(file, JSON.stringify(state), { mode: 0o600 });
      await stack.pulumi("stack", "import", "--file", file);
    },
  );
  return result;
}
