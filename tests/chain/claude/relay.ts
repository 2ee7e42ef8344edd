/** Stands before a server and writes down what a client asked and what it was answered; nothing is changed on the way. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";

/** A request of Claude Code's, as far as it is judged here. */
export interface Sent {
  readonly stream?: boolean;
  readonly thinking?: { readonly type: string; readonly budget_tokens?: number };
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly name: string; readonly input_schema?: object }[];
}

export interface Recorded {
  /** With its query. */
  readonly path: string;
  readonly sent: Sent;
  status: number;
  type: string;
  received: string;
}

export class Relay {
  readonly recorded: Recorded[] = [];
  /** Hosts that the client tried to reach besides: it is told to take this relay for its proxy. */
  readonly outside: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {}

  static async start(target: string): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server, target);
    server.on("request", (request, response) => void relay.handOn(request, response));
    server.on("connect", ({ url = "" }, socket) => {
      relay.outside.push(url);
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async handOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = request;
    if (!path.startsWith("/")) {
      this.outside.push(path);
      response.writeHead(403).end();
      return;
    }
    const body = await text(request);
    const record: Recorded = {
      path,
      sent: (body === "" ? {} : JSON.parse(body)) as Sent,
      status: 0,
      type: "",
      received: "",
    };
    this.recorded.push(record);
    try {
      const answer = await fetch(`${this.target}${path}`, {
        method,
        headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
          typeof value === "string" && !hopByHop.has(name) ? [[name, value]] : [],
        ),
        ...(body !== "" && { body }),
      });
      record.status = answer.status;
      record.type = answer.headers.get("content-type") ?? "";
      response.writeHead(answer.status, { "content-type": record.type });
      const decoder = new TextDecoder();
      for await (const part of answer.body ?? []) {
        record.received += decoder.decode(part, { stream: true });
        response.write(part);
      }
      response.end();
    } catch (error) {
      record.received += String(error);
      response.destroy();
    }
  }
}

/** Headers of one connection. https://www.rfc-editor.org/rfc/rfc9110#name-connection */
const hopByHop = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "transfer-encoding",
  "accept-encoding",
]);
