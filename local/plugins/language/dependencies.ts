import { spawn } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import { type InstallDependenciesRequest, InstallDependenciesResponse } from "@pulumi/pulumi/proto/language_pb";

type Call = ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>;

/** Installs a program's dependencies with npm, as `pulumi new` and `pulumi install` ask. */
export function installDependencies(call: Call): void {
  const fail = (details: string): void => {
    call.destroy(Object.assign(new Error(details), { code: status.UNKNOWN, details }));
  };
  const directory = call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory();
  const child = spawn("npm", ["install", "--loglevel=error"], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  call.on("cancelled", () => child.kill("SIGINT"));
  child.stdout.on("data", (chunk: Buffer) => call.write(output("stdout", chunk)));
  child.stderr.on("data", (chunk: Buffer) => call.write(output("stderr", chunk)));
  child.on("error", (error) => fail(`npm cannot be started: ${error.message}`));
  child.on("close", (code, signal) => {
    if (code === 0) call.end();
    else fail(`npm install in ${directory} ended with ${code ?? signal}`);
  });
}

function output(stream: "stdout" | "stderr", chunk: Buffer): InstallDependenciesResponse {
  const response = new InstallDependenciesResponse();
  if (stream === "stdout") response.setStdout(chunk);
  else response.setStderr(chunk);
  return response;
}
