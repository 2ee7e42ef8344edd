import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { V1Pod } from "@kubernetes/client-node";
import { type Line, linesOf, NoLog } from "./logs";

const onlyLogs = "the simulated kubelet runs no container: only its logs can be read";

/** How often a followed log is looked at. */
const followMilliseconds = 200;

/**
 * The kubelets' HTTPS port on the loopback, as far as the API server's `pods/log` needs it. It asks with whatever certificate it
 * likes and verifies none: https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/#api-server-to-kubelet
 */
export function serveLogs(
  certificate: { cert: Buffer; key: Buffer },
  podOf: (namespace: string, name: string) => V1Pod | undefined,
): Promise<{ server: Server; port: number }> {
  const server = createServer(certificate, (request, response) => {
    try {
      answer(request, response, podOf);
    } catch (error) {
      refuse(response, error instanceof NoLog ? 400 : 500, error instanceof Error ? error.message : String(error));
    }
  });
  // exec, attach and port-forward come as an upgrade of the connection
  server.on("upgrade", (_request, socket) => {
    const body = JSON.stringify({ apiVersion: "v1", kind: "Status", status: "Failure", code: 501, message: onlyLogs });
    const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
    socket.end(`HTTP/1.1 501 Not Implemented\r\n${head}\r\n\r\n${body}`);
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  podOf: (namespace: string, name: string) => V1Pod | undefined,
): void {
  const url = new URL(request.url ?? "/", "https://kubelet");
  const [, verb, namespace = "", name = "", container = ""] = url.pathname.split("/").map(decodeURIComponent);
  if (verb === "healthz") return void response.end("ok");
  if (verb !== "containerLogs") {
    return refuse(response, 501, onlyLogs);
  }
  const pod = podOf(namespace, name);
  if (!pod) return refuse(response, 404, `pod "${name}" not found`);
  const options = url.searchParams;
  const lines = select(linesOf(pod, container, options.get("previous") === "true", new Date()), options);
  response.writeHead(200, { "content-type": "text/plain" });
  let left = Number(options.get("limitBytes") ?? Infinity);
  const write = ({ at, text }: Line): void => {
    const bytes = Buffer.from(options.get("timestamps") === "true" ? `${at.toISOString()} ${text}\n` : `${text}\n`);
    if (left > 0) response.write(bytes.subarray(0, left));
    left -= bytes.length;
  };
  lines.forEach(write);
  if (options.get("follow") !== "true") return void response.end();
  follow(response, pod, container, podOf, write);
}

/** Writes what a container prints from now on, until this run of it ends. */
function follow(
  response: ServerResponse,
  pod: V1Pod,
  container: string,
  podOf: (namespace: string, name: string) => V1Pod | undefined,
  write: (line: Line) => void,
): void {
  const { namespace = "", name = "", uid } = pod.metadata ?? {};
  const run = idOf(pod, container);
  let seen = linesOf(pod, container, false, new Date()).length;
  let latest = pod;
  const timer = setInterval(() => {
    const current = podOf(namespace, name);
    const same = current?.metadata?.uid === uid && current !== undefined && idOf(current, container) === run;
    if (same) latest = current;
    const lines = linesOf(latest, container, false, new Date());
    lines.slice(seen).forEach(write);
    seen = Math.max(seen, lines.length);
    if (!same || !running(latest, container)) response.end();
  }, followMilliseconds);
  response.on("close", () => clearInterval(timer));
}

function statusOf(pod: V1Pod, container: string) {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.find(({ name }) => name === container);
}

function idOf(pod: V1Pod, container: string): string | undefined {
  return statusOf(pod, container)?.containerID;
}

function running(pod: V1Pod, container: string): boolean {
  return statusOf(pod, container)?.state?.running !== undefined;
}

/** `sinceSeconds`, `sinceTime` and `tailLines`, in the order in which a kubelet applies them. */
export function select(lines: Line[], options: URLSearchParams): Line[] {
  let chosen = lines;
  const seconds = options.get("sinceSeconds");
  const since =
    options.get("sinceTime") ?? (seconds === null ? null : new Date(Date.now() - Number(seconds) * 1000).toISOString());
  if (since !== null) chosen = chosen.filter(({ at }) => at >= new Date(since));
  const tail = options.get("tailLines");
  if (tail !== null) chosen = Number(tail) === 0 ? [] : chosen.slice(-Number(tail));
  return chosen;
}

function refuse(response: ServerResponse, code: number, message: string): void {
  if (response.headersSent) return void response.end();
  response.writeHead(code, { "content-type": "text/plain" });
  response.end(`${message}\n`);
}
