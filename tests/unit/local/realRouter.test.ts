import assert from "node:assert/strict";
import type { V1EndpointSlice, V1Service } from "@kubernetes/client-node";
import { type Route, routerConfig } from "../../../local/real/router/config";

const files = { address: "198.18.0.6", certificate: "/etc/router.pem", unavailable: "/etc/503.http" };
const service: V1Service = {
  metadata: { name: "vllm", namespace: "models" },
  spec: { ports: [{ name: "http", port: 8000, targetPort: "http" }] },
};
const slice = (...addresses: [address: string, ready: boolean][]): V1EndpointSlice => ({
  addressType: "IPv4",
  metadata: { namespace: "models", labels: { "kubernetes.io/service-name": "vllm" } },
  endpoints: addresses.map(([address, ready]) => ({ addresses: [address], conditions: { ready } })),
  ports: [{ name: "http", port: 8000 }],
});
const route = (name: string, spec: Partial<Route["spec"]> = {}, annotations?: Record<string, string>): Route => ({
  metadata: { name, namespace: "models", ...(annotations && { annotations }) },
  spec: {
    host: "vllm-models.apps.local.test",
    path: "/v1",
    to: { name: "vllm" },
    port: { targetPort: "http" },
    tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" },
    ...spec,
  },
});
const config = (routes: Route[], slices: V1EndpointSlice[] = []): string =>
  routerConfig({ ...files, routes, services: [service], slices });
const section = (text: string, name: string): string[] =>
  text
    .split(/\n(?=\S)/)
    .find((part) => part.startsWith(name))!
    .split("\n")
    .map((line) => line.trim());

describe("local/real/router", () => {
  it("has each path as one word, as HAProxy reads it", () => {
    const text = routerConfig({ ...files, certificate: '/a b/"$x"\\.pem', routes: [], services: [], slices: [] });
    assert.match(text, /ssl crt "\/a b\/\\"\\\$x\\"\\\\\.pem"$/m);
  });

  it("leads a Route to the ready pods behind its Service alone", () => {
    const text = config([route("vllm")], [slice(["10.244.0.2", true], ["10.244.0.3", false])]);
    const servers = section(text, "backend models:vllm").filter((line) => line.startsWith("server "));
    assert.deepEqual(servers, ["server pod:10.244.0.2:8000 10.244.0.2:8000 weight 1"]);
  });

  it("has a backend without servers where no pod is ready, which answers the 503 page", () => {
    const text = config([route("vllm")]);
    assert.ok(!section(text, "backend models:vllm").some((line) => line.startsWith("server ")));
    assert.ok(section(text, "defaults").includes('errorfile 503 "/etc/503.http"'));
  });

  it("takes a path as whole segments, so that /v1 is not /v1beta", () => {
    const [use] = section(config([route("vllm")]), "frontend public_ssl").filter((line) =>
      line.startsWith("use_backend"),
    );
    const host = "{ hdr(host),field(1,:),lower -m str vllm-models.apps.local.test }";
    assert.equal(use, `use_backend models:vllm if ${host} { path /v1 } || ${host} { path_beg /v1/ }`);
  });

  it("asks the longest path first", () => {
    const text = config([route("all", { path: "" }), route("v1"), route("chat", { path: "/v1/chat" })]);
    const used = section(text, "frontend public_ssl").flatMap(
      (line) => /^use_backend models:(\w+)/.exec(line)?.[1] ?? [],
    );
    assert.deepEqual(used, ["chat", "v1", "all"]);
  });

  it("waits as long as the Route's annotation says, and 30 s where there is none", () => {
    const long = config([route("vllm", {}, { "haproxy.router.openshift.io/timeout": "600s" })]);
    assert.ok(section(long, "backend models:vllm").includes("timeout server 600s"));
    assert.ok(section(config([route("vllm")]), "defaults").includes("timeout server 30s"));
    assert.ok(!section(config([route("vllm")]), "backend models:vllm").some((line) => line.startsWith("timeout")));
  });

  it("redirects, serves or hides plain HTTP as the Route says", () => {
    const plain = (policy?: string): string[] =>
      section(
        config([
          route("vllm", { tls: { termination: "edge", ...(policy && { insecureEdgeTerminationPolicy: policy }) } }),
        ]),
        "frontend public\n",
      ).filter((line) => /redirect|use_backend/.test(line));
    assert.match(plain("Redirect")[0]!, /^http-request redirect scheme https code 302 if /);
    assert.match(plain("Allow")[0]!, /^use_backend models:vllm if /);
    assert.deepEqual(plain(), []);
  });

  it("serves a Route without TLS over plain HTTP alone", () => {
    const bare = route("vllm");
    delete bare.spec.tls;
    const text = config([bare]);
    assert.ok(section(text, "frontend public\n").some((line) => line.startsWith("use_backend")));
    assert.ok(!section(text, "frontend public_ssl").some((line) => line.startsWith("use_backend")));
  });
});
