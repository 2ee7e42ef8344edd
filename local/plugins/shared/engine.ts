import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export type Severity = "info" | "warning" | "error";

/** Speaks to the engine: messages beside a resource in the update's display. */
export class Engine {
  private client: EngineClient | undefined;

  constructor(private address: string | undefined) {}

  attach(address: string): void {
    this.address = address;
    this.client = undefined;
  }

  /** `ephemeral` messages show only while the operation runs. A display that is gone must not fail the operation. */
  async log(severity: Severity, urn: string, message: string, ephemeral = false): Promise<void> {
    if (this.address === undefined) return;
    const request = new LogRequest();
    request.setSeverity({ info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR }[severity]);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    this.client ??= new EngineClient(this.address, credentials.createInsecure());
    const client = this.client;
    await new Promise<void>((resolve) =>
      client.log(request, (error) => {
        if (error !== null) process.stderr.write(`could not log to the engine: ${error.message}\n`);
        resolve();
      }),
    );
  }
}
