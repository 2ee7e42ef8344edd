import { type ServerWritableStream, status } from "@grpc/grpc-js";
import { type InstallDependenciesRequest, InstallDependenciesResponse } from "@pulumi/pulumi/proto/language_pb";
import { runtimeOptions } from "./options";
import { runCommand } from "./spawn";

type Call = ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>;

/** Installs a program's dependencies with npm, as `pulumi new` and `pulumi install` ask. */
export function installDependencies(call: Call, cancelled: AbortSignal): void {
  execute(call, cancelled).then(
    () => call.end(),
    (error: unknown) => {
      const details = error instanceof Error ? error.message : String(error);
      call.destroy(Object.assign(new Error(details), { code: status.UNKNOWN, details }));
    },
  );
}

async function execute(call: Call, cancelled: AbortSignal): Promise<void> {
  const info = call.request.getInfo();
  const directory = info?.getProgramDirectory() || call.request.getDirectory();
  const { packageManager = "npm" } = runtimeOptions(info);
  if (!["npm", "auto", ""].includes(packageManager)) {
    const remedy = `run \`${packageManager} install\` in ${directory} yourself`;
    throw new Error(
      `'runtime.options.packagemanager' (${packageManager}) must be npm for this language host; ${remedy}`,
    );
  }
  const aborted = new AbortController();
  call.on("cancelled", () => aborted.abort());
  const { code, signal } = await runCommand(
    {
      executable: "npm",
      arguments: ["install", "--loglevel=error"],
      directory,
      environment: process.env,
      onStdout: (chunk) => call.write(output("stdout", chunk)),
      onStderr: (chunk) => call.write(output("stderr", chunk)),
    },
    AbortSignal.any([aborted.signal, cancelled]),
  ).catch((error: Error) => {
    throw new Error(`npm cannot be started: ${error.message}`);
  });
  if (code !== 0) throw new Error(`npm install in ${directory} ended with ${signal ?? code}`);
}

function output(stream: "stdout" | "stderr", chunk: Buffer): InstallDependenciesResponse {
  const response = new InstallDependenciesResponse();
  if (stream === "stdout") response.setStdout(chunk);
  else response.setStderr(chunk);
  return response;
}
