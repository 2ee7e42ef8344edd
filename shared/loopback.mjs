// Proxies are for hosts elsewhere. Plain JavaScript: bootstrap.mjs gives it to every command of this project.

const loopback = ["127.0.0.1", "localhost", "::1"];
const proxies = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"];

/**
 * The settings by which nothing on this machine is asked through a proxy; none where there is no proxy. Go leaves out the loopback interface by
 * itself, gRPC for Node, by which `pulumi` and its programs talk, does not: https://github.com/grpc/grpc-node/blob/%40grpc/grpc-js%401.14.7/packages/grpc-js/src/http_proxy.ts
 */
export function loopbackWithoutProxy(env) {
  const isSet = (name) => Boolean(env[name] || env[name.toUpperCase()]);
  if (!proxies.some(isSet)) return {};
  const lists = ["no_proxy", "NO_PROXY", ...(env.no_grpc_proxy === undefined ? [] : ["no_grpc_proxy"])];
  return Object.fromEntries(lists.map((name) => [name, extended(env[name] ?? env.no_proxy ?? env.NO_PROXY ?? "")]));
}

function extended(list) {
  const hosts = list
    .split(",")
    .map((host) => host.trim())
    .filter(Boolean);
  if (hosts.includes("*")) return list;
  return [...hosts, ...loopback.filter((host) => !hosts.includes(host))].join(",");
}
