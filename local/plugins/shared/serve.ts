import { Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import type {
  sendUnaryData,
  ServerUnaryCall,
  ServiceDefinition,
  ServiceError,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** An error that travels to the engine with this gRPC status; {@link details} is an encoded google.rpc.Status. */
export class RpcError extends Error {
  constructor(
    message: string,
    readonly code: status = status.UNKNOWN,
    readonly details?: Uint8Array,
  ) {
    super(message);
  }
}

type Unary<Request, Response> = (
  request: Request,
  call: ServerUnaryCall<Request, Response>,
) => Response | Promise<Response>;

/** Wraps a function as a unary handler: a rejection becomes a gRPC error, never an unhandled one. */
export function unary<Request, Response>(handle: Unary<Request, Response>) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    const response = new Promise<Response>((resolve) => resolve(handle(call.request, call)));
    response.then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

function toServiceError(error: unknown): Partial<ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof RpcError)) return { code: status.UNKNOWN, details: message };
  return error.details === undefined
    ? { code: error.code, details: error.message }
    : { code: error.code, details: error.message, metadata: statusDetails(error.details) };
}

// https://grpc.io/docs/guides/error/#richer-error-model: rich details travel in this binary trailer.
function statusDetails(details: Uint8Array): Metadata {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(details));
  return metadata;
}

/**
 * Serves on a free local port and prints that port, which is all that the engine wants to read from a plugin's stdout.
 * RPCs without a handler answer UNIMPLEMENTED. The process ends when `stop` is called or the CLI that started it is gone.
 */
export async function serve(
  service: ServiceDefinition,
  handlers: UntypedServiceImplementation,
  stop: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(service, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  exitWithParent(stop);
  process.stdout.write(`${port}\n`);
}

/** After a `kill -9` of the CLI nobody else would end this process. */
function exitWithParent(stop: () => Promise<void>): void {
  const parent = process.ppid;
  const exit = () => void stop().finally(() => process.exit(0));
  setInterval(() => {
    if (process.ppid !== parent) exit();
  }, 1000).unref();
  // The engine runs plugins in process groups of their own, so SIGINT is not the user's Ctrl-C but the engine's wish that
  // this process ends; it waits 5 s before it kills.
  process.on("SIGINT", exit);
  process.on("SIGTERM", exit);
}
