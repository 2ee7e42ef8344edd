import { RunResponse, type RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { optionsEnvironment, runtimeOptions } from "./options";
import { locate, runNode } from "./spawn";

// https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/run/index.ts: the program has said what was wrong.
const exitAfterReport = 32;
const outOfMemory = "JavaScript heap out of memory";

/** Runs a program until it ends, and says how it ended. */
export async function runProgram(request: RunRequest, engine: string, aborted: AbortSignal): Promise<RunResponse> {
  const response = new RunResponse();
  try {
    const failure = await execute(request, engine, aborted);
    response.setBail(failure === "reported");
    response.setError(failure === "reported" ? "" : (failure ?? ""));
  } catch (error) {
    response.setError(error instanceof Error ? error.message : String(error));
  }
  return response;
}

async function execute(request: RunRequest, engine: string, aborted: AbortSignal): Promise<string | undefined> {
  const info = request.getInfo();
  if (info === undefined) throw new Error("the engine must say which program to run; use a newer pulumi CLI");
  if (request.getAttachDebugger()) throw new Error("attaching a debugger is not supported by this language host");
  const options = runtimeOptions(info);
  const program = info.getProgramDirectory();
  const run = process.env["PULUMI_LANGUAGE_NODEJS_RUN_PATH"] ?? "@pulumi/pulumi/cmd/run";
  let exhausted = false;
  const exit = await runNode(
    {
      arguments: [...options.nodeArguments, locate(run, program, "pulumi install"), ...runArguments(request, engine)],
      directory: process.cwd(),
      environment: {
        ...process.env,
        ...optionsEnvironment(options),
        PULUMI_CONFIG: JSON.stringify(programConfig(request.getConfigMap().toArray())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
      onStdout: (chunk) => process.stdout.write(chunk),
      onStderr: (chunk) => {
        exhausted ||= chunk.includes(outOfMemory);
        process.stderr.write(chunk);
      },
    },
    aborted,
  );
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  if (exit.code === 0) return undefined;
  if (exit.code === exitAfterReport) return "reported";
  const hint = exhausted ? ". Detected a possible out of memory error: set NODE_OPTIONS=--max-old-space-size" : "";
  return `Program exited with non-zero exit code: ${exit.code}${hint}`;
}

function runArguments(request: RunRequest, engine: string): string[] {
  const info = request.getInfo();
  const flags: [string, string][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engine],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["root-directory", info?.getRootDirectory() ?? ""],
    ["stack", request.getStack()],
    ["pwd", info?.getProgramDirectory() ?? ""],
    ["parallel", String(request.getParallel())],
  ];
  return [
    ...flags.filter(([, value]) => value !== "").flatMap(([flag, value]) => [`--${flag}`, value]),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? ".",
    ...request.getArgsList(),
  ];
}

/** Old SDKs expect `<package>:config:<name>`, new ones take both; the official host sends the old form. */
export function programConfig(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const [namespace = "", ...rest] = key.split(":");
      return [`${namespace}:config:${rest.join(":")}`, value];
    }),
  );
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
