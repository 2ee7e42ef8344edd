import assert from "node:assert/strict";
import { loopbackWithoutProxy } from "../../../shared/loopback.mjs";

describe("what is never asked through a proxy", () => {
  const all = "127.0.0.1,localhost,::1";
  it("is nothing to be said where there is no proxy", () => {
    assert.deepEqual(loopbackWithoutProxy({ NO_PROXY: "a.test", http_proxy: "" }), {});
  });
  for (const name of ["http_proxy", "HTTPS_PROXY", "ALL_PROXY", "grpc_proxy"]) {
    it(`is the loopback interface where ${name} is set`, () => {
      assert.deepEqual(loopbackWithoutProxy({ [name]: "http://proxy.test:3128" }), { no_proxy: all, NO_PROXY: all });
    });
  }
  it("is what the user has named, too, in whichever case", () => {
    const env = { https_proxy: "http://proxy.test:3128", NO_PROXY: ".corp.test, localhost" };
    const list = ".corp.test,localhost,127.0.0.1,::1";
    assert.deepEqual(loopbackWithoutProxy(env), { no_proxy: list, NO_PROXY: list });
  });
  it("is the same for gRPC's own list, which goes before the others", () => {
    const env = { grpc_proxy: "http://proxy.test:3128", no_grpc_proxy: "a.test", no_proxy: "*" };
    assert.deepEqual(loopbackWithoutProxy(env), { no_proxy: "*", NO_PROXY: "*", no_grpc_proxy: `a.test,${all}` });
  });
});
