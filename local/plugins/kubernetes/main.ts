import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { version } from "@pulumi/kubernetes/package.json";
import type { PluginAttach, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type {
  CheckRequest,
  CheckResponse,
  ConfigureRequest,
  ConfigureResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ProviderHandshakeRequest,
  ProviderHandshakeResponse,
  ReadRequest,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Engine } from "../shared/engine";
import { checkResponse, configureResponse, empty, handshakeResponse, pluginInfo } from "../shared/provider";
import { serve, unary } from "../shared/serve";
import { decode } from "../shared/wire";
import { check } from "./check";
import { diff } from "./compare";
import { diffConfig } from "./configure";
import { read, remove } from "./read";
import { Session } from "./session";
import { parseSettings, settingsFailures } from "./settings";
import { create, update } from "./write";

/**
 * Stands in for `pulumi-resource-kubernetes` where the official plugin is neither installed nor obtainable. It speaks to
 * real API servers; what it does not do like the official plugin it refuses.
 */
const engine = new Engine(process.argv.slice(2).find((argument) => !argument.startsWith("-")));
let session: Session | undefined;

/** Wraps an operation of a configured provider. */
function operation<Request, Response>(run: (session: Session, request: Request) => Response | Promise<Response>) {
  return unary<Request, Response>((request) => {
    if (session === undefined) throw new Error("the provider must be configured first");
    return run(session, request);
  });
}

void serve(ResourceProviderService, {
  handshake: unary<ProviderHandshakeRequest, ProviderHandshakeResponse>((request) => {
    engine.attach(request.getEngineAddress());
    return handshakeResponse();
  }),
  attach: unary<PluginAttach, Empty>((request) => {
    engine.attach(request.getAddress());
    return empty();
  }),
  getPluginInfo: unary<Empty, PluginInfo>(() => pluginInfo(version)),
  checkConfig: unary<CheckRequest, CheckResponse>((request) => {
    const inputs = decode(request.getNews());
    return checkResponse(inputs, settingsFailures(inputs));
  }),
  diffConfig: unary<DiffRequest, DiffResponse>(diffConfig),
  configure: unary<ConfigureRequest, ConfigureResponse>((request) => {
    session = new Session(parseSettings(decode(request.getArgs())), engine);
    return configureResponse();
  }),
  check: operation<CheckRequest, CheckResponse>(check),
  diff: operation<DiffRequest, DiffResponse>(diff),
  create: operation<CreateRequest, CreateResponse>(create),
  read: operation<ReadRequest, ReadResponse>(read),
  update: operation<UpdateRequest, UpdateResponse>(update),
  delete: operation<DeleteRequest, Empty>(remove),
  cancel: unary<Empty, Empty>(() => {
    session?.cancel();
    return empty();
  }),
});
