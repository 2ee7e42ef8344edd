/**
 * `npm run ci:preview -- dev gateway/dev`: what the working tree would change in stacks as they are at the base commit. Needs no secret, no cluster and no
 * network: the base commit is deployed on an embedded cluster first, as a throw-away stack. Markdown on standard output; exit code 1 when a change
 * must not land so.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { messageOf, UserError } from "../shared/errors";
import { startCluster, stopCluster } from "../local/cluster";
import { log } from "../local/log";
import { repositoryRoot } from "../local/paths";
import { obtainPlugins } from "../local/plugins/official";
import { installSimulation } from "../local/simulation";
import { baseCommit, checkOut } from "./base";
import { plain } from "./events";
import { summary } from "./markdown";
import { previewAll } from "./previewAll";
import { type StackName, shownName, stacksOf } from "./projects";
import { bounded, failedReport, isAcceptable, type PreviewReport } from "./report";
import { commandLine } from "../shared/commandLine";

interface Options {
  base?: string;
  json?: string;
}

/** Nobody watches: a pod that takes its time would only be waited for. */
const noDelay = { pull: 0, download: 0, load: 0, terminate: 0 } as const;

async function main(names: readonly string[], { base, json }: Options): Promise<number> {
  const known = await stacksOf(repositoryRoot);
  const unknown = names.filter((name) => !known.some((stack) => shownName(stack) === name));
  if (unknown.length > 0) {
    throw new UserError(`There is no stack ${unknown.join(", ")}; there are ${known.map(shownName).join(", ")}.`);
  }
  const asked = names.length > 0 ? known.filter((stack) => names.includes(shownName(stack))) : known;
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Not only once: a second Ctrl-C must not leave the cluster running.
    process.on(signal, () => {
      if (!interrupted.signal.aborted) log("ending, and taking the cluster away");
      interrupted.abort();
    });
  }
  const reports = await reportsOn(asked, known, base, interrupted.signal);
  if (interrupted.signal.aborted) return 130;
  if (json !== undefined) await writeFile(json, JSON.stringify(reports));
  process.stdout.write(summary(reports, Number.POSITIVE_INFINITY));
  return reports.every(isAcceptable) ? 0 : 1;
}

/** One report for each stack, whatever happens: a comment must say why there is no preview. */
async function reportsOn(
  asked: readonly StackName[],
  known: readonly StackName[],
  base: string | undefined,
  cancelSignal: AbortSignal,
): Promise<PreviewReport[]> {
  let commit = base ?? "unknown";
  try {
    commit = await baseCommit(repositoryRoot, base);
    cancelSignal.throwIfAborted();
    return await onCluster(asked, known, commit, cancelSignal);
  } catch (error) {
    if (cancelSignal.aborted) return [];
    process.stderr.write(`error: ${shown(error)}\n`);
    return asked.map((stack) => bounded(failedReport(shownName(stack), commit, plain(messageOf(error)))));
  }
}

async function onCluster(
  asked: readonly StackName[],
  known: readonly StackName[],
  commit: string,
  cancelSignal: AbortSignal,
): Promise<PreviewReport[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "vllm-preview-"));
  const stateDir = path.join(folder, "state");
  try {
    const base = await checkOut(repositoryRoot, commit, path.join(folder, "base"), log, cancelSignal);
    cancelSignal.throwIfAborted();
    await obtainPlugins(log);
    cancelSignal.throwIfAborted();
    const { kubeconfig } = await startCluster({ stateDir, log });
    cancelSignal.throwIfAborted();
    await installSimulation(kubeconfig, noDelay);
    cancelSignal.throwIfAborted();
    return await previewAll(asked, known, {
      folder,
      stateDir,
      kubeconfig,
      base,
      head: repositoryRoot,
      log,
      cancelSignal,
    });
  } finally {
    if (existsSync(stateDir)) await stopCluster(stateDir);
    await rm(folder, { recursive: true, force: true });
  }
}

function shown(error: unknown): string {
  return error instanceof Error && !(error instanceof UserError) ? (error.stack ?? error.message) : messageOf(error);
}

commandLine("npm run ci:preview --", "Shows what the working tree would change in deployments of the base commit.")
  .argument("[stacks...]", "stacks, as in Pulumi.<stack>.yaml, or gateway/<stack> (default: all)")
  .option("--base <commit>", "what is deployed (default: where this branch left the main one)")
  .option("--json <file>", "write the report there, too, as data")
  .action(async (stacks: string[], options: Options) => {
    process.exitCode = await main(stacks, options);
  })
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`error: ${shown(error)}\n`);
    process.exitCode = 1;
  });
