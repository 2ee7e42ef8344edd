/**
 * HAProxy's configuration from Routes and EndpointSlices, after the template of OpenShift's router, whose defaults it has. Pure.
 * https://github.com/openshift/router/blob/master/images/router/haproxy/conf/haproxy-config.template
 */
import type { V1EndpointSlice, V1Service } from "@kubernetes/client-node";
import type { Route as SimulatedRoute } from "../../simulation/routes";

/** A Route, as far as the router looks into it. */
export interface Route extends SimulatedRoute {
  spec: SimulatedRoute["spec"] & {
    port?: { targetPort: string | number };
    tls?: { termination: string; insecureEdgeTerminationPolicy?: string };
  };
}

export interface RouterInput {
  /** The node's address. */
  readonly address: string;
  /** Certificate and key for the routes' domain. */
  readonly certificate: string;
  /** The page that is answered where no pod is ready. */
  readonly unavailable: string;
  /** Those that are admitted. */
  readonly routes: readonly Route[];
  readonly services: readonly V1Service[];
  readonly slices: readonly V1EndpointSlice[];
}

const timeoutAnnotation = "haproxy.router.openshift.io/timeout";

export function routerConfig(input: RouterInput): string {
  // The longest path first, as the router's maps have it.
  const routes = input.routes
    .filter(isServed)
    .sort((a, b) => (b.spec.path ?? "").length - (a.spec.path ?? "").length || nameOf(a).localeCompare(nameOf(b)));
  return `global
  maxconn 2000
  hard-stop-after 60s
defaults
  mode http
  maxconn 2000
  errorfile 503 ${oneWord(input.unavailable)}
  timeout connect 5s
  timeout client 30s
  timeout client-fin 1s
  timeout server 30s
  timeout server-fin 1s
  timeout http-request 10s
  timeout http-keep-alive 300s
  timeout tunnel 1h
frontend public
  bind ${input.address}:80
${routes.map(insecure).join("")}  default_backend none
frontend public_ssl
  bind ${input.address}:443 ssl crt ${oneWord(input.certificate)}
${routes.map(secure).join("")}  default_backend none
backend none
${routes.map((route) => backend(route, input)).join("")}`;
}

/** A path as one word, whatever is in it: https://docs.haproxy.org/2.6/configuration.html#2.2 */
export const oneWord = (text: string): string => `"${text.replaceAll(/["\\$]/g, "\\$&")}"`;

/** Without TLS, or with TLS that ends here: the others would need certificates of the pods. */
const isServed = ({ spec: { tls } }: Route): boolean => tls === undefined || tls.termination === "edge";

const nameOf = ({ metadata }: Route): string => `${metadata?.namespace}:${metadata?.name}`;

/** The host with or without a port, and the path as whole segments. */
function condition({ spec }: Route): string {
  const path = (spec.path ?? "").replace(/\/$/, "");
  const host = `{ hdr(host),field(1,:),lower -m str ${spec.host} }`;
  return path === "" ? host : `${host} { path ${path} } || ${host} { path_beg ${path}/ }`;
}

function insecure(route: Route): string {
  const { tls } = route.spec;
  if (tls === undefined || tls.insecureEdgeTerminationPolicy === "Allow") return use(route);
  if (tls.insecureEdgeTerminationPolicy !== "Redirect") return "";
  return `  http-request redirect scheme https code 302 if ${condition(route)}\n`;
}

function secure(route: Route): string {
  return route.spec.tls === undefined ? "" : use(route);
}

function use(route: Route): string {
  return `  use_backend ${nameOf(route)} if ${condition(route)}\n`;
}

function backend(route: Route, { services, slices }: RouterInput): string {
  const timeout = route.metadata?.annotations?.[timeoutAnnotation];
  const servers = endpoints(route, services, slices).map((at) => `  server pod:${at} ${at} weight 1\n`);
  return `backend ${nameOf(route)}
  balance random
  option forwardfor
${timeout === undefined ? "" : `  timeout server ${timeout}\n  timeout tunnel ${timeout}\n`}  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Forwarded-Proto http if !{ ssl_fc }
  http-request set-header X-Forwarded-Proto https if { ssl_fc }
${servers.join("")}`;
}

/** The ready pods behind the Route's Service, as `address:port`. */
function endpoints(route: Route, services: readonly V1Service[], slices: readonly V1EndpointSlice[]): string[] {
  const namespace = route.metadata?.namespace;
  const service = services.find(
    ({ metadata }) => metadata?.namespace === namespace && metadata?.name === route.spec.to.name,
  );
  const wanted = route.spec.port?.targetPort;
  const ports = service?.spec?.ports ?? [];
  const port = ports.find(({ name, targetPort }) => wanted === undefined || name === wanted || targetPort === wanted);
  if (port === undefined) return [];
  const own = slices.filter(
    ({ metadata }) =>
      metadata?.namespace === namespace && metadata?.labels?.["kubernetes.io/service-name"] === service?.metadata?.name,
  );
  const found = own.flatMap(({ endpoints, ports: listed }) => {
    const number = listed?.find(({ name }) => (name ?? "") === (port.name ?? ""))?.port;
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return number === undefined ? [] : ready.flatMap(({ addresses }) => addresses.map((each) => `${each}:${number}`));
  });
  return [...new Set(found)].sort();
}
