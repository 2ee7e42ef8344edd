/** A provider's process, asked as the engine asks it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckRequest,
  type CheckResponse,
  CreateRequest,
  type CreateResponse,
  DiffRequest,
  DiffResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { decode, encode, revealMap, type ValueMap } from "../../../local/plugins/shared/wire";

type Reply<Response> = (error: ServiceError | null, response: Response) => void;

export class Provider {
  private constructor(
    private readonly client: ResourceProviderClient,
    readonly end: () => void,
  ) {}

  /** Starts a stand-in from its source. */
  static async standIn(name: string): Promise<Provider> {
    const source = path.resolve(__dirname, "../../../local/plugins", name, "main.ts");
    return Provider.start(process.execPath, ["-r", "ts-node/register/transpile-only", source]);
  }

  static async start(command: string, args: readonly string[]): Promise<Provider> {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const client = new ResourceProviderClient(`127.0.0.1:${String(port).trim()}`, credentials.createInsecure());
    return new Provider(client, () => {
      client.close();
      child.kill("SIGKILL");
    });
  }

  async check(urn: string, news: ValueMap): Promise<ValueMap> {
    const request = new CheckRequest();
    request.setUrn(urn);
    request.setNews(encode(news));
    const response = await answer<CheckResponse>((reply) => this.client.check(request, reply));
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    if (failures.length > 0) throw new Error(failures.join("; "));
    return revealMap(decode(response.getInputs()));
  }

  async create(urn: string, inputs: ValueMap): Promise<{ id: string; state: ValueMap }> {
    const request = new CreateRequest();
    request.setUrn(urn);
    request.setProperties(encode(inputs));
    const response = await answer<CreateResponse>((reply) => this.client.create(request, reply));
    return { id: response.getId(), state: revealMap(decode(response.getProperties())) };
  }

  /** Which inputs ask for a replacement; nothing else may change. */
  async replaces(urn: string, id: string, state: ValueMap, oldInputs: ValueMap, news: ValueMap): Promise<string[]> {
    const request = new DiffRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(encode(state));
    request.setOldInputs(encode(oldInputs));
    request.setNews(encode(news));
    const response = await answer<DiffResponse>((reply) => this.client.diff(request, reply));
    const replaced = response.getReplacesList();
    if (replaced.length === 0 && response.getChanges() !== DiffResponse.DiffChanges.DIFF_NONE)
      throw new Error("a change that replaces nothing");
    return replaced;
  }
}

function answer<Response>(call: (reply: Reply<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}
