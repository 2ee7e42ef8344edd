/**
 * `npm run ci:preview -- dev prod`: what the working tree would change in stacks as they are at the base commit. Needs no secret, no cluster and no
 * network: the base commit is deployed on an embedded cluster first, as a throw-away stack. Markdown on standard output; exit code 1 when a change
 * must not land so.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { messageOf, UserError } from "../local/errors";
import { startCluster, stopCluster } from "../local/cluster";
import { log } from "../local/log";
import { repositoryRoot } from "../local/paths";
import { obtainPlugins } from "../local/plugins/official";
import { installSimulation } from "../local/simulation";
import { type Base, baseCommit, checkOut } from "./base";
import { summary } from "./markdown";
import { plain } from "./events";
import { bounded, failedReport, isAcceptable, type PreviewReport } from "./report";
import { previewStack } from "./throwAwayStack";

interface Options {
  base?: string;
  json?: string;
}

/** Nobody watches: a pod that takes its time would only be waited for. */
const noDelay = { pull: 0, download: 0, load: 0, terminate: 0 } as const;

async function main(stacks: readonly string[], { base, json }: Options): Promise<number> {
  const known = await stackNames();
  const unknown = stacks.filter((stack) => !known.includes(stack));
  if (unknown.length > 0) throw new UserError(`There is no Pulumi.${unknown[0]}.yaml; there are ${known.join(", ")}.`);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Not only once: a second Ctrl-C must not leave the cluster running.
    process.on(signal, () => {
      if (!interrupted.signal.aborted) log("ending, and taking the cluster away");
      interrupted.abort();
    });
  }
  const folder = await mkdtemp(path.join(tmpdir(), "vllm-preview-"));
  const stateDir = path.join(folder, "state");
  try {
    const commit = await baseCommit(repositoryRoot, base);
    const before = await checkOut(repositoryRoot, commit, path.join(folder, "base"), log);
    await obtainPlugins(log);
    const { kubeconfig } = await startCluster({ stateDir, log });
    await installSimulation(kubeconfig, noDelay);
    const reports = await previewAll(
      stacks.length > 0 ? stacks : known,
      before,
      { folder, stateDir, kubeconfig },
      interrupted.signal,
    );
    if (json !== undefined) await writeFile(json, JSON.stringify(reports));
    process.stdout.write(summary(reports, Number.POSITIVE_INFINITY));
    return reports.every(isAcceptable) ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    return 130;
  } finally {
    if (existsSync(stateDir)) await stopCluster(stateDir);
    await rm(folder, { recursive: true, force: true });
  }
}

async function previewAll(
  stacks: readonly string[],
  base: Base,
  cluster: { folder: string; stateDir: string; kubeconfig: string },
  cancelSignal: AbortSignal,
): Promise<PreviewReport[]> {
  const reports: PreviewReport[] = [];
  for (const [index, stack] of stacks.entries()) {
    const folder = path.join(cluster.folder, stack);
    const moreToCome = index < stacks.length - 1;
    const options = { ...cluster, folder, base, head: repositoryRoot, moreToCome, log, cancelSignal };
    try {
      reports.push(bounded(await previewStack(stack, options)));
    } catch (error) {
      cancelSignal.throwIfAborted();
      // The other stacks' previews are worth reading, and this one's reviewer must see why there is none.
      log(`the preview of ${stack} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      reports.push(bounded(failedReport(stack, base.commit, plain(messageOf(error)))));
    }
  }
  return reports;
}

/** The stacks that have a file in the repository; `local` is a copy that git ignores. */
async function stackNames(): Promise<string[]> {
  const names = (await readdir(repositoryRoot)).flatMap((name) => /^Pulumi\.([\w-]+)\.yaml$/.exec(name)?.[1] ?? []);
  const ignored = (await readFile(path.join(repositoryRoot, ".gitignore"), "utf8")).split("\n");
  return names.filter((name) => !ignored.includes(`/Pulumi.${name}.yaml`)).sort();
}

new Command("npm run ci:preview --")
  .description("Shows what the working tree would change in deployments of the base commit.")
  .argument("[stacks...]", "stacks, as in Pulumi.<stack>.yaml (default: all)")
  .option("--base <commit>", "what is deployed (default: where this branch left the main one)")
  .option("--json <file>", "write the report there, too, as data")
  .action(async (stacks: string[], options: Options) => {
    process.exitCode = await main(stacks, options);
  })
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(
      `error: ${error instanceof UserError ? error.message : error instanceof Error ? error.stack : messageOf(error)}\n`,
    );
    process.exitCode = 1;
  });
