/**
 * Where a crash's cause stands in a log. vLLM's engine dies in a child of the API server, its workers in children of the engine; each
 * that dies of it adds a traceback of its own, so the cause stands up to 120 lines above the end.
 * https://github.com/vllm-project/vllm/blob/v0.11.0/vllm/v1/engine/core.py (run_engine_core), .../v1/executor/multiproc_executor.py
 */

/** A line that may be the cause of a crash, with what belongs to it. */
export interface Cause {
  /** Index of its first line in the log. */
  index: number;
  /** Its lines, without what the processes write before each. */
  text: string;
  /** Whether it ends a traceback; else it stands alone. */
  traceback: boolean;
  /** Whether it only says that another process or another exception was the cause. */
  secondary: boolean;
}

/** How many lines after an exception's first one may belong to its message. */
const messageLines = 12;

/**
 * Everything in a log that may be the cause, the likeliest first: tracebacks before lone lines, the innermost process's before the
 * others', the earlier before the later, the first of a chain of exceptions before those that followed from it.
 */
export function causes(log: readonly string[]): Cause[] {
  const lines = log.map(parse);
  const { exceptions, taken } = tracebacks(lines);
  const ended = exceptions
    // What the API server catches and logs is as a rule no crash: a chat template that it cannot read, a usage report that fails.
    .filter(({ at, owner }) => at.level === undefined || rank(owner) > 0)
    .map(({ at, message, owner, chain }) => ({ ...cause(at, message, true), rank: rank(owner), chain }))
    .sort((a, b) => b.rank - a.rank || a.chain - b.chain || a.index - b.index);
  const caught = exceptions
    .filter(({ at, owner }) => at.level !== undefined && rank(owner) === 0)
    .map(({ at, message }) => ({ ...cause(at, message, false), rank: 0 }));
  const lone = lines
    .filter(({ index, text, level }) => !taken.has(index) && speaksAloud(text, level))
    .map((line) => ({ ...cause(line, message(lines, line), false), rank: rank(line.process) }))
    .concat(caught)
    .sort((a, b) => b.rank - a.rank || a.index - b.index);
  return [...ended, ...lone].map(({ index, text, traceback, secondary }) => ({ index, text, traceback, secondary }));
}

/** The exit codes of engine processes that the API server saw end; an empty list where it saw none, undefined where it says nothing. */
export function engineExits(log: readonly string[]): number[] | undefined {
  const line = log.findLast((text) => /Failed core proc\(s\): \{/.test(text));
  const [, inside] = /Failed core proc\(s\): \{([^}]*)\}/.exec(line ?? "") ?? [];
  return inside === undefined ? undefined : [...inside.matchAll(/:\s*(-?\d+)/g)].map(([, code]) => Number(code));
}

/** Whether a log says that the engine or one of its workers has ended, though the API server may go on. */
export function engineDied(log: readonly string[]): boolean {
  return log.some((line) => {
    const { text, level } = parse(line, 0);
    return (level === undefined || isLoud(level)) && died.test(text);
  });
}

const died =
  /^(EngineCore|WorkerProc) failed to start|^EngineCore encountered a fatal error|^(Worker|Engine core) proc \S+ died unexpectedly|Engine core initialization failed|engine core exited unexpectedly|EngineDeadError/;

/** Whether the log reaches back to before the engine was started: then the engine's own words, if it had any, are in it. */
export function showsEngineStart(log: readonly string[]): boolean {
  return log.some((line) => /Initializing a V1 LLM engine|vLLM API server version|non-default args: \{/.test(line));
}

/** A line with what stands before it taken off. */
interface Line {
  index: number;
  /** The process that it names; "" for none. */
  process: string;
  /** Where one record of one process goes on: lines of different processes come mixed. */
  stream: string;
  level?: string;
  text: string;
}

const prefixes = {
  // `(EngineCore_DP0 pid=84) `, `(Worker_TP1) `, Ray's `(RayWorkerWrapper pid=7, ip=10.0.0.1) `
  process: /^\(([A-Za-z]\w*(?:-\w+)*)(?: pid=\d+)?(?:, ip=[^)]*)?\) ?/,
  // torchrun's `[rank0]: `
  rank: /^\[rank(\d+)\]: ?/,
  // `ERROR 08-26 17:57:01 [core.py:866] `, and `ERROR: ` as uvicorn has it
  level: /^(DEBUG|INFO|WARNING|ERROR|CRITICAL)(?:(?: \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)? (\[[^\]\s]+\]) ?|:\s+)/,
};

function parse(line: string, index: number): Line {
  let text = line;
  let process = "";
  for (let found; (found = prefixes.process.exec(text) ?? prefixes.rank.exec(text)); text = text.slice(found[0].length))
    process = found[1] ?? "";
  const told = prefixes.level.exec(text);
  if (!told) return { index, process, stream: `${line.slice(0, line.length - text.length)}|`, text };
  const [prefix, level = "", place = ""] = told;
  const stream = `${line.slice(0, line.length - text.length)}|${place}`;
  return { index, process, stream, level, text: text.slice(prefix.length) };
}

const isLoud = (level: string): boolean => level === "ERROR" || level === "CRITICAL";

interface Exception {
  at: Line;
  message: string;
  /** The process whose traceback it ends. */
  owner: string;
  /** Index of the first line of the chain of exceptions that it belongs to. */
  chain: number;
}

const header = /^\s*Traceback \(most recent call last\):/;
const frame = /^\s+File "[^"]+", line \d+/;
const link =
  /^(The above exception was the direct cause of the following exception|During handling of the above exception, another exception occurred):/;
/** multiprocessing's line before the traceback of a child: `Process EngineCore_DP0:`. */
const child = /^Process ([A-Za-z]\S*):$/;

function tracebacks(lines: readonly Line[]): { exceptions: Exception[]; taken: Set<number> } {
  const exceptions: Exception[] = [];
  const taken = new Set<number>();
  for (const stream of streams(lines)) {
    let from = -1;
    let chain: number | undefined;
    for (const [at, line] of stream.entries()) {
      if (from < 0) {
        if (!header.test(line.text) && !frame.test(line.text)) {
          if (link.test(line.text)) chain = exceptions.at(-1)?.chain;
          continue;
        }
        from = at;
      }
      taken.add(line.index);
      if (header.test(line.text) || inFrames(line.text)) continue;
      const block = stream.slice(from, at);
      const first = block[0]?.index ?? line.index;
      const quiet = line.level !== undefined && !isLoud(line.level);
      const told = messageOf(stream, at);
      for (const each of told) taken.add(each.index);
      if (!quiet)
        exceptions.push({
          at: line,
          message: withPlace(told.map(({ text }) => text).join("\n"), block),
          owner: ownerOf(line, block, stream[from - 1]),
          chain: chain ?? first,
        });
      from = -1;
      chain = undefined;
    }
  }
  return { exceptions, taken };
}

/** An exception without words says by its place alone what it is about. */
function withPlace(message: string, block: readonly Line[]): string {
  const [, place] = /, in (\S+)$/.exec(block.findLast(({ text }) => frame.test(text))?.text ?? "") ?? [];
  return place !== undefined && /^[\w.]+$/.test(message) ? `${message} (in ${place})` : message;
}

/** Frames and the lines of source under them are indented; what ends them is not, or by less, as pydantic's `  Value error, …`. */
function inFrames(text: string): boolean {
  return text === "" || /^\s{4}/.test(text) || /^\s+(File "|\[Previous line|[\^~.|+]|$)/.test(text);
}

/** The lines by what writes them: a record of one place in one process, or what a process prints itself. */
function streams(lines: readonly Line[]): Line[][] {
  const byStream = new Map<string, Line[]>();
  for (const line of lines) {
    const stream = byStream.get(line.stream) ?? [];
    stream.push(line);
    byStream.set(line.stream, stream);
  }
  return [...byStream.values()];
}

function ownerOf(line: Line, block: readonly Line[], before: Line | undefined): string {
  if (line.process !== "") return line.process;
  const [, named] = child.exec(before?.text ?? "") ?? [];
  if (named !== undefined) return named;
  return block.some(({ text }) => /entrypoints\/|api_server\.py/.test(text)) ? "APIServer" : "";
}

/** Innermost first: a worker's exception ends its engine, the engine's the API server. */
function rank(process: string): number {
  if (/worker/i.test(process) || /^\d+$/.test(process)) return 3;
  if (/engine/i.test(process)) return 2;
  return /APIServer|ApiServer/.test(process) ? 0 : 1;
}

/** What may end an exception's message. */
const next = /^\S+\.py:\d+: \w*Warning:|^\[(rank\d+|\w?\d{3,})|^Process \S+:$/;

function messageOf(stream: readonly Line[], at: number): Line[] {
  const rest = stream.slice(at, at + messageLines);
  const end = rest.findIndex(
    ({ text }, index) => index > 0 && (header.test(text) || frame.test(text) || link.test(text) || next.test(text)),
  );
  return end < 0 ? rest : rest.slice(0, end);
}

/** A lone line with those that follow in its own stream and are indented, as pydantic's are. */
function message(lines: readonly Line[], { index, stream, text }: Line): string {
  const after = lines.slice(index + 1, index + 1 + messageLines).filter((line) => line.stream === stream);
  const end = after.findIndex((line) => !/^\s+\S/.test(line.text) || frame.test(line.text));
  return [text, ...(end < 0 ? after : after.slice(0, end)).map((line) => line.text)].join("\n");
}

/** Whether a line outside a traceback may be an error at all: no level below ERROR, no line of source. */
function speaksAloud(text: string, level: string | undefined): boolean {
  return (level === undefined || isLoud(level)) && /^(\S|\s{1,3}Value error, )/.test(text) && !link.test(text);
}

/** First lines that tell of another failure. */
const consequences = [
  /Engine core initialization failed|WorkerProc initialization failed due to an exception/,
  /EngineCore encountered an issue\. See stack trace|EngineDeadError|Engine process failed to start/,
  /^(BrokenPipeError|ConnectionResetError|EOFError|KeyboardInterrupt|SystemExit|asyncio\.(exceptions\.)?CancelledError)\b/,
  /^RuntimeError: cancelled$/,
  /^(EngineCore|WorkerProc) failed to start|^(Worker|Engine core) proc \S+ died unexpectedly/,
  // A process of its own looks at the model's class, and its traceback stands above.
  /Model architectures .* failed to be inspected/,
];
/** Another worker has gone, and this one misses it. */
const missesPeer = /NCCL.*(remote process exited|Connection closed by|ncclRemoteError)|Connection closed by peer/s;

function cause(at: Line, text: string, traceback: boolean): Cause {
  const secondary = consequences.some((pattern) => pattern.test(at.text)) || missesPeer.test(text);
  return { index: at.index, text, traceback, secondary };
}

/** How many lines of a log are shown around its cause. */
const before = 2;
const shown = 8;

/** The cause with a little around it; the end of the log where none is known. */
export function excerpt(log: readonly string[], index: number | undefined): string[] {
  if (index === undefined) return log.filter((line) => line.trim() !== "").slice(-shown);
  const from = Math.max(0, index - before);
  return log.slice(from, from + shown).filter((line) => line.trim() !== "");
}
