import { type ServerWritableStream, status } from "@grpc/grpc-js";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { optionsEnvironment, runtimeOptions } from "./options";
import { locate, runNode } from "./spawn";

type Call = ServerWritableStream<RunPluginRequest, RunPluginResponse>;

/** Runs a plugin that is written for Node: a policy pack, or a provider. Its output is streamed to the engine. */
export function runPlugin(call: Call): void {
  execute(call).then(
    () => call.end(),
    (error: unknown) => {
      const details = error instanceof Error ? error.message : String(error);
      call.destroy(Object.assign(new Error(details), { code: status.UNKNOWN, details }));
    },
  );
}

async function execute(call: Call): Promise<void> {
  const request = call.request;
  const info = request.getInfo();
  if (info === undefined) throw new Error("the engine must say which plugin to run; use a newer pulumi CLI");
  if (request.getAttachDebugger()) throw new Error("attaching a debugger is not supported by this language host");
  const options = runtimeOptions(info);
  const directory = info.getProgramDirectory();
  const policyPack = request.getKind() === "analyzer";
  const script = locate(
    policyPack ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin",
    directory,
    `npm install in ${directory}`,
  );
  const args = request.getArgsList();
  const aborted = new AbortController();
  call.on("cancelled", () => aborted.abort());
  const exit = await runNode(
    {
      // A policy pack takes the engine's address first, then its folder; a provider the other way round.
      arguments: [...options.nodeArguments, script, ...(policyPack ? [...args, directory] : [directory, ...args])],
      directory: policyPack ? directory : request.getPwd(),
      environment: { ...environment(request.getEnvList()), ...optionsEnvironment(options) },
      onStdout: (chunk) => call.write(output("stdout", chunk)),
      onStderr: (chunk) => call.write(output("stderr", chunk)),
    },
    aborted.signal,
  );
  if (exit.code !== 0 && !aborted.signal.aborted)
    throw new Error(`Program exited with non-zero exit code: ${exit.code}`);
  const response = new RunPluginResponse();
  response.setExitcode(exit.code);
  call.write(response);
}

function environment(variables: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    variables.map((variable) => {
      const separator = variable.indexOf("=");
      return [variable.slice(0, separator), variable.slice(separator + 1)];
    }),
  );
}

function output(stream: "stdout" | "stderr", chunk: Buffer): RunPluginResponse {
  const response = new RunPluginResponse();
  if (stream === "stdout") response.setStdout(chunk);
  else response.setStderr(chunk);
  return response;
}
