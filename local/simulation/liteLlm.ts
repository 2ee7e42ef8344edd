/**
 * A simulated LiteLLM that exists: no gateway, only as much of its admin API as making new entries asks for. It takes any key and forgets
 * everything.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SimulatedLiteLlm {
  url: string;
  close(): Promise<void>;
}

/** Other requests than these are answered with 404. */
const answers: Readonly<Record<string, [number, object]>> = {
  "GET /health/readiness": [200, { status: "healthy", db: "connected" }],
  "GET /v1/model/info": [500, { detail: { error: "LLM Model List not loaded in." } }],
  "POST /model/new": [200, {}],
};

export async function startSimulatedLiteLlm(): Promise<SimulatedLiteLlm> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "";
    const [status, body] = answers[`${request.method} ${path}`] ?? [404, { detail: "Not Found" }];
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
