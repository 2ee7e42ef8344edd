import assert from "node:assert/strict";
import { proxyFromEnvironment } from "../../../components/cluster/proxy";

const proxy = "http://proxy.example.com:3128";

describe("the proxy of the environment", () => {
  const through = (server: string, noProxy = ""): boolean =>
    proxyFromEnvironment(server, { HTTPS_PROXY: proxy, NO_PROXY: noProxy }) === proxy;

  it("is HTTPS_PROXY, or the same in small letters, for https", () => {
    assert.equal(proxyFromEnvironment("https://api.example.com:6443", { HTTPS_PROXY: proxy }), proxy);
    assert.equal(proxyFromEnvironment("https://api.example.com:6443", { https_proxy: proxy }), proxy);
    assert.equal(proxyFromEnvironment("https://api.example.com:6443", { HTTPS_PROXY: "", https_proxy: proxy }), proxy);
  });

  it("is HTTP_PROXY for http, and never ALL_PROXY, which Go does not know", () => {
    assert.equal(proxyFromEnvironment("http://api.example.com", { HTTP_PROXY: proxy, HTTPS_PROXY: "x" }), proxy);
    assert.equal(proxyFromEnvironment("https://api.example.com", { HTTP_PROXY: proxy, ALL_PROXY: proxy }), undefined);
  });

  it("is a URL, with http where it names no scheme; anything else is refused without being shown", () => {
    assert.equal(proxyFromEnvironment("https://api", { HTTPS_PROXY: "proxy:3128" }), "http://proxy:3128");
    assert.equal(proxyFromEnvironment("https://api", { HTTPS_PROXY: "socks5://proxy:1080" }), "socks5://proxy:1080");
    assert.throws(() => proxyFromEnvironment("https://api", { HTTPS_PROXY: "http://me:hunter2@:x" }), {
      message: "'HTTPS_PROXY' must be a URL; set it to one such as http://proxy:3128, or unset it.",
    });
  });

  for (const server of [
    "https://localhost:6443",
    "https://127.0.0.1:6443",
    "https://127.3.2.1",
    "https://[::1]:6443",
    "https://[::ffff:127.0.0.1]:6443",
  ]) {
    it(`is not used for ${server}`, () => assert.equal(through(server), false));
  }

  // [server, NO_PROXY, whether it is reached directly]: the cases of Go's own documentation.
  const cases: readonly [string, string, boolean][] = [
    ["https://api.example.com:6443", "", false],
    ["https://api.example.com:6443", "*", true],
    ["https://api.example.com:6443", "api.example.com", true],
    ["https://api.example.com:6443", "API.Example.com", true],
    ["https://api.example.com:6443", "example.com", true],
    ["https://api.example.com:6443", "xample.com", false],
    ["https://api.example.com:6443", ".example.com", true],
    ["https://api.example.com:6443", "*.example.com", true],
    ["https://example.com", ".example.com", false],
    ["https://example.com", "example.com", true],
    ["https://api.example.com:6443", "localhost, example.com ,other", true],
    ["https://api.example.com:6443", "example.com:6443", true],
    ["https://api.example.com:6443", "example.com:443", false],
    ["https://api.example.com", "example.com:443", true],
    ["https://10.1.2.3:6443", "10.1.2.3", true],
    ["https://10.1.2.3:6443", "10.1.2.3:443", false],
    ["https://10.1.2.3:6443", "10.0.0.0/8", true],
    ["https://11.1.2.3:6443", "10.0.0.0/8", false],
    ["https://10.1.2.3:6443", "10.1.0.0/33", false],
    ["https://10.example.com", "10.0.0.0/8", false],
    ["https://[fd00::1]:6443", "fd00::/8", true],
    ["https://[fd00::1]:6443", "fd00::1", true],
    ["https://[fd00::1]:6443", "[fd00::1]:6443", true],
    ["https://[fd00::1]:6443", "[fd00::1]:443", false],
    ["https://[fd00::1]:6443", "10.0.0.0/8", false],
    ["https://[::ffff:10.1.2.3]:6443", "10.0.0.0/8", true],
    ["https://10.1.2.3:6443", "::/0", false],
  ];
  for (const [server, noProxy, direct] of cases) {
    it(`of ${server} with NO_PROXY '${noProxy}' is ${direct ? "not used" : "used"}`, () =>
      assert.equal(through(server, noProxy), !direct));
  }
});
