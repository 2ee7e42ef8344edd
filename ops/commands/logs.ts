import { type Command, InvalidArgumentError, Option } from "commander";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../components/cluster/apiError";
import type { ClusterClient } from "../../components/cluster/client";
import { redactLines } from "../../components/text/redact";
import type { ContainerView, PodView } from "../../components/readiness/snapshot";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { mainPod, notDeployed, type Observation, observe } from "../stack/observe";
import type { OpsStack } from "../stack/openStack";
import { type Style, styled, times } from "../terminal/print";
import { tell } from "../../shared/terminal";
import { stackToLookAt } from "./options";

interface Options {
  follow?: boolean;
  previous?: boolean;
  since?: number;
  tail: number;
}

/** How often a followed log is asked for what is new, in ms. */
const followEveryMs = 1000;

export function addLogs(command: Command): void {
  command
    .argument("[container]", "`downloader` or `server` (default: whichever runs)", parseRole)
    .option("-f, --follow", "go on, also into the server after the download and into the next pod")
    .option("-p, --previous", "of the run before the last restart")
    .addOption(new Option("--since <duration>", "no older than this, as 90s, 10m or 2h").argParser(parseDuration))
    .addOption(new Option("--tail <lines>", "at most so many lines to begin with").argParser(parseCount).default(200))
    .action(async (role: Role | undefined, options: Options, command: Command) => {
      const stack = await stackToLookAt(command);
      await logs(stack, role, options);
    });
}

type Role = "downloader" | "server";

type Seen = Pick<Observation, "standing" | "findings">;

/** One container of one pod. */
interface Source {
  pod: PodView;
  container: ContainerView;
  /** Why it has failed, as far as that is known. */
  trouble?: string;
}

async function logs(stack: OpsStack, role: Role | undefined, options: Options): Promise<void> {
  const client = await stack.client();
  let source = await find(client, stack, role);
  if (!source && !options.follow) throw new OpsError(await whyNone(client, stack, role));
  if (source && options.previous && !source.container.last) {
    throw new OpsError(`There is no earlier run of container ${source.container.name}: it has not been restarted.`);
  }
  let reader = source && new LogReader(client, stack, source, options);
  if (reader) await reader.show(source!);
  if (reader?.isSilent && !options.follow) note("dim", "── no line");
  // What `up`, `status` and `doctor` say of it; where it runs again, the run before may be the one that failed.
  if (source?.trouble !== undefined && !options.follow) note("yellow", `── ${source.trouble}`);
  let lost = false;
  while (options.follow) {
    await sleep(followEveryMs);
    try {
      const next = await find(client, stack, role);
      if (!next) continue;
      if (!source || !reader || next.pod.uid !== source.pod.uid || next.container.name !== source.container.name) {
        if (reader && source) await reader.show(source).catch(ignoreGone); // what it said last
        reader = new LogReader(client, stack, next, { tail: options.tail });
      }
      source = next;
      await reader.show(next).catch(ignoreGone);
      lost = false;
    } catch (error) {
      if (!(error instanceof OpsError) || error.exitCode !== exitCodes.unreachable) throw error;
      if (!lost) note("yellow", `── ${error.message} Still trying.`);
      lost = true;
    }
  }
}

/** A pod that has been deleted meanwhile has nothing more to say. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 400)) throw error;
}

async function find(client: ClusterClient, stack: OpsStack, role: Role | undefined): Promise<Source | undefined> {
  const seen = await observe(client, stack.target);
  if (!seen) notDeployed(stack);
  if (seen.snapshot.missingRights.includes("list pods")) {
    throw new OpsError(
      `You may not list pods in namespace ${stack.target.namespace}; the role \`view\` holds that right.`,
      exitCodes.forbidden,
    );
  }
  const pod = mainPod(seen.snapshot);
  const container = pod && atWork(pod, stack, role);
  if (!pod || !container) return undefined;
  const trouble = troubleOf(seen, pod, container);
  return { pod, container, ...(trouble !== undefined && { trouble }) };
}

/** What `up`, `status` and `doctor` say of a container. */
export function troubleOf({ findings }: Seen, pod: PodView, container: ContainerView): string | undefined {
  const finding = findings.find((each) => each.pod === pod.name && each.container === container.name);
  return finding && `${finding.symptom.title}: ${finding.evidence.replace(/\s*\n\s*/g, " ").slice(0, 300)}`;
}

/** The container that was asked for, else the last one that has begun. */
function atWork(pod: PodView, { target }: OpsStack, role: Role | undefined): ContainerView | undefined {
  const begun = (pod.containers ?? []).filter(({ running, terminated, last }) => running || terminated || last);
  const named = (name: string): ContainerView | undefined => begun.find((container) => container.name === name);
  if (role === "downloader") return named(target.downloaderContainer);
  if (role === "server") return named(target.serverContainer);
  return named(target.serverContainer) ?? named(target.downloaderContainer);
}

async function whyNone(client: ClusterClient, stack: OpsStack, role: Role | undefined): Promise<string> {
  const seen = await observe(client, stack.target);
  if (!seen) notDeployed(stack);
  return noneText(seen, role, stack.name);
}

/** Why there is no log yet, and where to read on. */
export function noneText({ standing, findings }: Seen, role: Role | undefined, stack: string): string {
  const [finding] = findings;
  const what = role === undefined ? "No container has begun yet" : `The ${role} has not begun yet`;
  const why = finding
    ? `: ${finding.symptom.title}.\n  Said: ${finding.evidence}`
    : `. The start-up is ${standing.phase}: ${standing.detail}`;
  return `${what}${why}\n  More: npm run ops -- doctor --stack ${stack}`;
}

/** Shows each line once, though each request may give lines that were shown already. */
class LogReader {
  /** The moment of the last line that was shown, so that moments compare as texts. */
  private last = "";
  private restarts: number | undefined;

  /** Whether nothing has been shown yet. */
  get isSilent(): boolean {
    return this.last === "";
  }

  constructor(
    private readonly client: ClusterClient,
    private readonly stack: OpsStack,
    source: Source,
    private readonly options: Pick<Options, "previous" | "since" | "tail">,
  ) {
    note("dim", `── pod ${source.pod.name}, container ${source.container.name}`);
  }

  async show({ pod, container }: Source): Promise<void> {
    const restarts = container.restarts ?? 0;
    const restarted = this.restarts !== undefined && restarts > this.restarts;
    this.restarts = restarts;
    // A container that waits for its next start has its words in the last run's log.
    const waits = !container.running && !container.terminated;
    if (restarted && !waits) await this.read(pod, container, true);
    if (restarted) note("yellow", `── container ${container.name} has been restarted ${times(restarts)}`);
    await this.read(pod, container, this.options.previous === true || waits);
  }

  private async read(pod: PodView, container: ContainerView, previous: boolean): Promise<void> {
    const { since, tail } = this.options;
    const path = `/api/v1/namespaces/${this.stack.target.namespace}/pods/${pod.name}/log`;
    const text = await this.client.text(path, {
      container: container.name,
      timestamps: "true",
      ...(previous && { previous: "true" }),
      ...(this.last !== "" && { sinceTime: `${this.last.slice(0, 19)}Z` }),
      ...(this.last === "" && { tailLines: String(tail) }),
      ...(this.last === "" && since !== undefined && { sinceSeconds: String(since) }),
    });
    const lines = text.split("\n").flatMap((line) => stamped(line) ?? []);
    const news = lines.filter(({ at }) => at > this.last);
    for (const { said } of news) for (const shown of redactLines(said)) process.stdout.write(`${shown}\n`);
    this.last = news.at(-1)?.at ?? this.last;
  }
}

/** A line of a log with its moment, whose fraction of a second gets a fixed length. */
export function stamped(line: string): { at: string; said: string } | undefined {
  const [, second, fraction = "", said = ""] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z ?(.*)$/s.exec(line) ?? [];
  return second === undefined ? undefined : { at: `${second}.${fraction.padEnd(9, "0")}`, said };
}

/** Apart from the log itself, so that a pipe gets only that. */
function note(style: Style, text: string): void {
  tell(process.stderr.isTTY ? styled(style, text) : text);
}

function parseRole(text: string): Role {
  if (text === "downloader" || text === "server") return text;
  throw new InvalidArgumentError("It must be downloader or server.");
}

function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d+)([smh])?$/.exec(text) ?? [];
  if (number === undefined || Number(number) === 0)
    throw new InvalidArgumentError("It must be a duration of at least 1s, such as 90s, 10m or 2h.");
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
