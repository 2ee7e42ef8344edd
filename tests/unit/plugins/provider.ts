/** A provider's process, asked as the engine asks it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import type { Any } from "google-protobuf/google/protobuf/any_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckRequest,
  type CheckResponse,
  ConfigureRequest,
  type ConfigureResponse,
  CreateRequest,
  type CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ErrorResourceInitFailed,
  ReadRequest,
  type ReadResponse,
  UpdateRequest,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { empty } from "../../../local/plugins/shared/provider";
import { unary } from "../../../local/plugins/shared/serve";
import { decode, encode, revealMap, type ValueMap } from "../../../local/plugins/shared/wire";

type Reply<Response> = (error: ServiceError | null, response: Response) => void;

/** A refusal; `reasons` where the object was made or changed all the same, and is recorded with what is wrong with it. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly reasons: readonly string[] = [],
  ) {
    super(message);
  }
}

const severities = ["debug", "info", "warning", "error"] as const;

export class Provider {
  private constructor(
    private readonly client: ResourceProviderClient,
    /** What it has told the engine, as `severity: message`, each text once. */
    readonly told: Set<string>,
    readonly end: () => void,
  ) {}

  /** Starts a stand-in from its source. */
  static async standIn(name: string): Promise<Provider> {
    const source = path.resolve(__dirname, "../../../local/plugins", name, "main.ts");
    return Provider.start(process.execPath, ["-r", "ts-node/register/transpile-only", source]);
  }

  static async start(command: string, args: readonly string[]): Promise<Provider> {
    const told = new Set<string>();
    const engine = new Server();
    const log = unary<LogRequest, Empty>((request) => {
      const severity = severities[request.getSeverity()] ?? "";
      if (request.getSeverity() !== LogSeverity.DEBUG) told.add(`${severity}: ${request.getMessage()}`);
      return empty();
    });
    engine.addService(EngineService, { log });
    const port = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    const child = spawn(command, [...args, `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "inherit"] });
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    const client = new ResourceProviderClient(`127.0.0.1:${String(first).trim()}`, credentials.createInsecure());
    return new Provider(client, told, () => {
      client.close();
      child.kill("SIGKILL");
      engine.forceShutdown();
    });
  }

  async configure(project: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const request = new ConfigureRequest();
    for (const [key, value] of Object.entries(settings))
      request.getVariablesMap().set(`${project}:config:${key}`, value);
    request.setArgs(encode(settings));
    request.setAcceptsecrets(true);
    await answer<ConfigureResponse>((reply) => this.client.configure(request, reply));
  }

  async check(urn: string, news: ValueMap): Promise<ValueMap> {
    const request = new CheckRequest();
    request.setUrn(urn);
    request.setNews(encode(news));
    const response = await answer<CheckResponse>((reply) => this.client.check(request, reply));
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    if (failures.length > 0) throw new Refusal(failures.join("; "));
    return revealMap(decode(response.getInputs()));
  }

  async create(
    urn: string,
    inputs: ValueMap,
    { timeout = 0, preview = false } = {},
  ): Promise<{ id: string; state: ValueMap }> {
    const request = new CreateRequest();
    request.setUrn(urn);
    request.setProperties(encode(inputs));
    request.setTimeout(timeout);
    request.setPreview(preview);
    const response = await answer<CreateResponse>((reply) => this.client.create(request, reply));
    return { id: response.getId(), state: decode(response.getProperties()) };
  }

  async update(
    urn: string,
    id: string,
    state: ValueMap,
    oldInputs: ValueMap,
    news: ValueMap,
    { timeout = 0, preview = false } = {},
  ): Promise<ValueMap> {
    const request = new UpdateRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(encode(state));
    request.setOldInputs(encode(oldInputs));
    request.setNews(encode(news));
    request.setTimeout(timeout);
    request.setPreview(preview);
    const response = await answer<UpdateResponse>((reply) => this.client.update(request, reply));
    return decode(response.getProperties());
  }

  /** Undefined where there is no such object. Without a state it is an import, else a refresh. */
  async read(
    urn: string,
    id: string,
    state: ValueMap = {},
    inputs: ValueMap = {},
  ): Promise<{ inputs: ValueMap; state: ValueMap } | undefined> {
    const request = new ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(encode(state));
    request.setInputs(encode(inputs));
    const response = await answer<ReadResponse>((reply) => this.client.read(request, reply));
    if (response.getId() === "") return undefined;
    return { inputs: decode(response.getInputs()), state: decode(response.getProperties()) };
  }

  async delete(urn: string, id: string, state: ValueMap, oldInputs: ValueMap, { timeout = 0 } = {}): Promise<void> {
    const request = new DeleteRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(encode(state));
    request.setOldInputs(encode(oldInputs));
    request.setTimeout(timeout);
    await answer<Empty>((reply) => this.client.delete(request, reply));
  }

  async diff(urn: string, id: string, state: ValueMap, oldInputs: ValueMap, news: ValueMap): Promise<DiffResponse> {
    const request = new DiffRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(encode(state));
    request.setOldInputs(encode(oldInputs));
    request.setNews(encode(news));
    return answer<DiffResponse>((reply) => this.client.diff(request, reply));
  }

  /** Which inputs ask for a replacement; nothing else may change. */
  async replaces(urn: string, id: string, state: ValueMap, oldInputs: ValueMap, news: ValueMap): Promise<string[]> {
    const response = await this.diff(urn, id, state, oldInputs, news);
    const replaced = response.getReplacesList();
    if (replaced.length === 0 && response.getChanges() !== DiffResponse.DiffChanges.DIFF_NONE)
      throw new Error("a change that replaces nothing");
    return replaced;
  }
}

function answer<Response>(call: (reply: Reply<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(refusal(error))));
  });
}

function refusal({ details, metadata }: ServiceError): Refusal {
  const [packed] = metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(packed)) return new Refusal(details);
  const reasons = Status.deserializeBinary(packed)
    .getDetailsList()
    .filter((detail) => detail.getTypeName() === "pulumirpc.ErrorResourceInitFailed")
    .flatMap((detail: Any) => ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8()).getReasonsList());
  return new Refusal(details, reasons);
}
