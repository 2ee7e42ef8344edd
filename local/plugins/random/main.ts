import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CreateResponse,
  ReadResponse,
  type CheckRequest,
  type CheckResponse,
  type ConfigureRequest,
  type ConfigureResponse,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResponse,
  type ProviderHandshakeRequest,
  type ProviderHandshakeResponse,
  type ReadRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { version } from "@pulumi/random/package.json";
import {
  checkResponse,
  configureResponse,
  diffResponse,
  empty,
  handshakeResponse,
  pluginInfo,
  type Change,
} from "../shared/provider";
import { serve, unary } from "../shared/serve";
import { decode, encode, revealMap, Secret, Unknown, type ValueMap } from "../shared/wire";
import { changedInputs, completed, resources, type RandomResource } from "./resources";

/** Stands in for `pulumi-resource-random`. */
function resourceOf(urn: string): RandomResource {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const resource = resources[type];
  if (resource !== undefined) return resource;
  throw new Error(`the stand-in for the random provider has no ${type}; install the official provider to use it`);
}

function check(request: CheckRequest): CheckResponse {
  const resource = resourceOf(request.getUrn());
  const given = Object.entries(decode(request.getNews())).filter(([, value]) => value !== null);
  const inputs: ValueMap = Object.fromEntries(given);
  const failures = given
    .filter(([key]) => !resource.inputs.includes(key))
    .map(([property]) => ({ property, reason: "no such input" }));
  if (inputs[resource.required] === undefined) {
    failures.push({ property: resource.required, reason: "a required input is missing" });
  }
  return checkResponse(inputs, failures);
}

/** Nothing can change in place: a new value of any input asks for a new random value. */
function diff(request: DiffRequest): DiffResponse {
  const resource = resourceOf(request.getUrn());
  const state = revealMap(decode(request.getOlds()));
  const news = revealMap(decode(request.getNews()));
  const changes = changedInputs(resource, state, news).map((key): [string, Change] => {
    const kind = !(key in state) ? "add" : !(key in news) ? "delete" : "update";
    return [key, { kind, replace: true, input: true }];
  });
  return diffResponse(new Map(changes));
}

function create(request: CreateRequest): CreateResponse {
  const resource = resourceOf(request.getUrn());
  const inputs = completed(resource, decode(request.getProperties()));
  const response = new CreateResponse();
  if (request.getPreview()) {
    const unknown = (): Unknown | Secret => (resource.secret ? new Secret(new Unknown()) : new Unknown());
    const outputs: ValueMap = Object.fromEntries(resource.outputs.map((key) => [key, unknown()]));
    response.setProperties(encode({ ...inputs, ...outputs }));
    return response;
  }
  const { id, outputs } = resource.create(revealMap(inputs));
  response.setId(id);
  response.setProperties(encode({ ...inputs, ...outputs }));
  return response;
}

function read(request: ReadRequest): ReadResponse {
  resourceOf(request.getUrn());
  const properties = request.getProperties();
  if (properties === undefined || properties.getFieldsMap().getLength() === 0) {
    throw new Error("importing random values is not supported here; install the official provider to import");
  }
  const response = new ReadResponse();
  response.setId(request.getId());
  response.setProperties(properties);
  response.setInputs(request.getInputs());
  return response;
}

void serve(ResourceProviderService, {
  handshake: unary<ProviderHandshakeRequest, ProviderHandshakeResponse>(() => handshakeResponse()),
  getPluginInfo: unary<Empty, PluginInfo>(() => pluginInfo(version)),
  checkConfig: unary<CheckRequest, CheckResponse>((request) => checkResponse(decode(request.getNews()))),
  diffConfig: unary<DiffRequest, DiffResponse>(() => diffResponse(new Map())),
  configure: unary<ConfigureRequest, ConfigureResponse>(() => configureResponse()),
  check: unary(check),
  diff: unary(diff),
  create: unary(create),
  read: unary(read),
  delete: unary<DeleteRequest, Empty>(() => empty()),
  cancel: unary<Empty, Empty>(() => empty()),
});
