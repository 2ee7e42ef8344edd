import { BlockList, isIP } from "node:net";
import type { KubeConfig } from "@kubernetes/client-node";

type Environment = Readonly<Record<string, string | undefined>>;

/** Sends a client of the current cluster through the environment's proxy, unless the kubeconfig names one, which comes first. */
export function useProxy(config: KubeConfig, env: Environment): void {
  const current = config.getCurrentCluster();
  if (current === null || current.proxyUrl) return;
  const proxyUrl = proxyFromEnvironment(current.server, env);
  if (proxyUrl === undefined) return;
  config.clusters = config.clusters.map((cluster) => (cluster === current ? { ...cluster, proxyUrl } : cluster));
}

/**
 * The proxy by which the official provider, a Go program, reaches a server; undefined where it connects directly.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy#FromEnvironment
 *
 * Node's libraries read the same variables otherwise: they know ALL_PROXY, and no CIDR in NO_PROXY.
 */
export function proxyFromEnvironment(server: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const secure = protocol === "https:";
  const name = secure ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = variable(env, name);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (proxy === undefined || isLoopback(host)) return undefined;
  const address = { host, port: port || (secure ? "443" : "80") };
  if ((variable(env, "NO_PROXY") ?? "").split(",").some((entry) => covers(entry.trim().toLowerCase(), address))) {
    return undefined;
  }
  const url = proxy.includes("://") ? proxy : `http://${proxy}`;
  // The value is not shown: it may hold a password.
  if (!URL.canParse(url))
    throw new Error(`'${name}' must be a URL; set it to one such as http://proxy:3128, or unset it.`);
  return url;
}

function variable(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || inRange(host, "127.0.0.0", 8);
}

/** Whether an entry of NO_PROXY covers an address: `*`, a CIDR, or an IP or a domain with its subdomains, both with or without port. */
function covers(entry: string, { host, port }: { host: string; port: string }): boolean {
  if (entry === "*") return true;
  const range = /^(.+)\/(\d+)$/.exec(entry);
  if (range) return inRange(host, range[1] ?? "", Number(range[2]));
  const [, bracketed, plain, entryPort] =
    isIP(entry) > 0 ? ["", entry] : (/^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? []);
  const wanted = bracketed ?? plain;
  if (wanted === undefined || (entryPort !== undefined && entryPort !== port)) return false;
  if (isIP(wanted) > 0) return isIP(host) > 0 && inRange(host, wanted, isIP(wanted) === 4 ? 32 : 128);
  const domain = wanted.replace(/^\*(?=\.)/, "");
  return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** An IPv4 address in the notation of IPv6 is in the ranges of IPv4, as it is in Go. */
function inRange(host: string, network: string, prefix: number): boolean {
  const family = isIP(network);
  const hostFamily = isIP(host);
  if (family === 0 || hostFamily < family || prefix > (family === 4 ? 32 : 128)) return false;
  const range = new BlockList();
  range.addSubnet(network, prefix, family === 4 ? "ipv4" : "ipv6");
  return range.check(host, hostFamily === 4 ? "ipv4" : "ipv6");
}
