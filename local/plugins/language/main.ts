import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { version } from "@pulumi/pulumi/package.json";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  AboutResponse,
  DependencyInfo,
  GetProgramDependenciesResponse,
  GetRequiredPackagesResponse,
  LanguageHandshakeResponse,
  type AboutRequest,
  type GetProgramDependenciesRequest,
  type GetRequiredPackagesRequest,
  type LanguageHandshakeRequest,
  type RunRequest,
  type RunResponse,
} from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { serve, unary } from "../shared/serve";
import { installDependencies } from "./dependencies";
import { directDependencies, installedPackages } from "./packages";
import { runPlugin } from "./plugin";
import { runProgram } from "./run";
import { interruptAll } from "./spawn";

/** Stands in for `pulumi-language-nodejs`: runs the program and its policy packs. What it cannot do it does not answer. */
let engine = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
const cancelled = new AbortController();

async function getRequiredPackages(request: GetRequiredPackagesRequest): Promise<GetRequiredPackagesResponse> {
  const response = new GetRequiredPackagesResponse();
  for (const { plugin } of await installedPackages(request.getInfo()?.getProgramDirectory() ?? process.cwd())) {
    if (plugin === undefined) continue;
    const dependency = new PackageDependency();
    dependency.setKind("resource");
    dependency.setName(plugin.name);
    dependency.setVersion(plugin.version);
    dependency.setServer(plugin.server);
    response.addPackages(dependency);
  }
  return response;
}

async function getProgramDependencies(request: GetProgramDependenciesRequest): Promise<GetProgramDependenciesResponse> {
  const directory = request.getInfo()?.getProgramDirectory() ?? process.cwd();
  const dependencies = request.getTransitivedependencies()
    ? await installedPackages(directory)
    : await directDependencies(directory);
  const response = new GetProgramDependenciesResponse();
  for (const { name, version } of dependencies) {
    const dependency = new DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    response.addDependencies(dependency);
  }
  return response;
}

void serve(
  LanguageRuntimeService,
  {
    handshake: unary<LanguageHandshakeRequest, LanguageHandshakeResponse>((request) => {
      engine = request.getEngineAddress();
      return new LanguageHandshakeResponse();
    }),
    getPluginInfo: unary<Empty, PluginInfo>(() => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),
    getRequiredPackages: unary(getRequiredPackages),
    getProgramDependencies: unary(getProgramDependencies),
    installDependencies: (call: Parameters<typeof installDependencies>[0]) =>
      installDependencies(call, cancelled.signal),
    run: unary<RunRequest, RunResponse>(async (request, call) => {
      const aborted = new AbortController();
      call.on("cancelled", () => aborted.abort());
      return runProgram(request, engine, AbortSignal.any([aborted.signal, cancelled.signal]));
    }),
    runPlugin,
    about: unary<AboutRequest, AboutResponse>(() => {
      const response = new AboutResponse();
      response.setExecutable(process.execPath);
      response.setVersion(process.version);
      return response;
    }),
    cancel: unary<Empty, Empty>(() => {
      cancelled.abort();
      return new Empty();
    }),
  },
  interruptAll,
);
