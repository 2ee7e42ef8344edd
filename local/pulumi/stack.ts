import { existsSync } from "node:fs";
import { copyFile, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { messageOf, UsageError, UserError } from "../../shared/errors";
import { repositoryRoot } from "../paths";
import { backendDir } from "./environment";
import { clearDeadLocks } from "./locks";
import { formFault } from "./stackFile";

/** The stack of both projects that `npm run local` deploys. */
export const stack = "local";

/** A Pulumi project of this clone. */
export interface Project {
  name: string;
  folder: string;
  /** The stack's configuration. Git ignores it, because `pulumi stack init` writes the salt of the passphrase into it. */
  stackFile: string;
  template: string;
  /** A secret that the stack cannot do without, and what stands in for it. */
  madeUp?: { key: string; value: string; what: string };
}

export const inference: Project = {
  name: "vllm-inference",
  folder: repositoryRoot,
  stackFile: join(repositoryRoot, `Pulumi.${stack}.yaml`),
  template: join(repositoryRoot, "local", `Pulumi.${stack}.yaml`),
  madeUp: {
    key: "hfToken",
    // Nothing on the embedded cluster shows it to huggingface.co; the Hub of a real node knows it.
    value: "hf_not-a-real-token-for-the-embedded-cluster",
    what: "a made-up Hugging Face token (nothing is downloaded from huggingface.co here)",
  },
};

const gatewayFolder = join(repositoryRoot, "gateway");
export const gateway: Project = {
  name: "vllm-gateway",
  folder: gatewayFolder,
  stackFile: join(gatewayFolder, `Pulumi.${stack}.yaml`),
  template: join(repositoryRoot, "local", `Pulumi.gateway.${stack}.yaml`),
};

/** Creates the stack where it is missing, and frees it from what a killed run has left. */
export async function prepareStack(
  stateDir: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
  project = inference,
): Promise<void> {
  const pulumi = pulumiIn(env, project);
  if (!(await readStackFile(project))) {
    await copyFile(project.template, `${project.stackFile}.partial`);
    await rename(`${project.stackFile}.partial`, project.stackFile);
  }
  const { cleared, held } = await clearDeadLocks(backendDir(stateDir), project.name, stack);
  for (const { pid } of cleared) log(`removed the lock of process ${pid}, which is dead`);
  const [holder] = held;
  if (holder) {
    throw new UserError(
      `The stack '${stack}' of ${project.name} is being changed by process ${holder.pid} on ${holder.hostname} since ${holder.timestamp}. Wait for it to end` +
        ", or end it and run this command again.",
    );
  }
  if (!existsSync(stateFile(stateDir, project))) {
    log(`creating the stack '${stack}' of ${project.name}`);
    await pulumi(["stack", "init", stack, "--non-interactive"]);
  }
  const { madeUp } = project;
  if (madeUp && (await readStackFile(project))?.config?.[`${project.name}:${madeUp.key}`] === undefined) {
    log(`setting ${madeUp.what}`);
    await pulumi(["config", "set", "--secret", madeUp.key, "--stack", stack, "--non-interactive"], madeUp.value);
  }
  await dropPendingOperations(stateDir, project, pulumi, log);
}

/** Undefined where there is no such file, or none but what a kill has left of it. */
async function readStackFile({ stackFile }: Project): Promise<{ config?: Record<string, unknown> } | undefined> {
  if (!existsSync(stackFile)) return undefined;
  const remedy = "Mend it, or delete it: this command makes it anew.";
  let content: unknown;
  try {
    content = parse(await readFile(stackFile, "utf8"));
  } catch (error) {
    throw new UsageError(`${stackFile} is no YAML (${messageOf(error)}). ${remedy}`);
  }
  const fault = formFault(content);
  if (fault !== undefined) throw new UsageError(`${stackFile}: ${fault}. ${remedy}`);
  return (content as { config?: Record<string, unknown> } | null) ?? undefined;
}

function stateFile(stateDir: string, { name }: Project): string {
  return join(backendDir(stateDir), ".pulumi", "stacks", name, `${stack}.json`);
}

interface Deployment {
  deployment?: { pending_operations?: { type: string; resource: { urn: string } }[]; resources?: unknown[] };
}

/**
 * Takes the operations that a killed run left unfinished out of the state. It need not ask the user which of them happened, as
 * `pulumi refresh` does: the program applies its objects anew whether they exist or not, and knows its own by their annotation.
 */
async function dropPendingOperations(
  stateDir: string,
  project: Project,
  pulumi: Pulumi,
  log: (line: string) => void,
): Promise<void> {
  const file = stateFile(stateDir, project);
  if (!existsSync(file) || !(await readFile(file, "utf8")).includes('"pending_operations"')) return;
  const exported = JSON.parse(await pulumi(["stack", "export", "--stack", stack])) as Deployment;
  const pending = exported.deployment?.pending_operations ?? [];
  if (!exported.deployment || pending.length === 0) return;
  const names = pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`);
  log(`resuming after an interrupted run: ${names.join(", ")}`);
  delete exported.deployment.pending_operations;
  await pulumi(["stack", "import", "--stack", stack], JSON.stringify(exported));
}

/** The namespace that the inference stack deploys to. */
export const stackNamespace = (): Promise<string> => setting("namespace");

/** The model that it serves. */
export const stackModel = (): Promise<string> => setting("modelId");

async function setting(key: "namespace" | "modelId"): Promise<string> {
  const own = (await readStackFile(inference))?.config?.[`${inference.name}:${key}`];
  if (typeof own === "string") return own;
  const schema = parse(await readFile(join(repositoryRoot, "Pulumi.yaml"), "utf8")) as {
    config: Record<typeof key, { default: string }>;
  };
  return schema.config[key].default;
}

/** True when the stack's state holds resources. */
export async function hasResources(stateDir: string, project = inference): Promise<boolean> {
  const file = stateFile(stateDir, project);
  if (!existsSync(file)) return false;
  const state = JSON.parse(await readFile(file, "utf8")) as {
    checkpoint?: { latest?: { resources?: unknown[] } };
  };
  return (state.checkpoint?.latest?.resources ?? []).length > 0;
}

type Pulumi = (args: string[], input?: string) => Promise<string>;

/** `pulumi` in the project's folder. */
export function pulumiIn(env: NodeJS.ProcessEnv, { folder }: Project): Pulumi {
  return async (args, input = "") => {
    const result = await execa("pulumi", args, {
      cwd: folder,
      env,
      extendEnv: false,
      input,
      reject: false,
      detached: true,
    });
    if (result.exitCode !== 0)
      throw new UserError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${result.stderr.trim()}`);
    return result.stdout;
  };
}
