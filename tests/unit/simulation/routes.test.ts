import { deepEqual, equal } from "node:assert/strict";
import { ingressOf, type Route, refusal } from "../../../local/simulation/routes";

describe("the simulated router", () => {
  const route = (namespace: string, name: string, created: string, more: object = {}): Route => ({
    metadata: { namespace, name, uid: name, creationTimestamp: created as unknown as Date },
    spec: { host: "vllm.example", to: { name: "vllm" }, ...more },
  });
  const old = route("a", "one", "2026-01-01T00:00:00Z");
  const now = new Date("2026-01-01T00:00:05.678Z");

  it("admits a Route, and says so once", () => {
    const ingress = ingressOf(old, [old], undefined, now);
    deepEqual(ingress?.conditions, [{ type: "Admitted", status: "True", lastTransitionTime: "2026-01-01T00:00:05Z" }]);
    equal(ingressOf({ ...old, status: { ingress: [ingress] } }, [old], undefined, now), undefined);
  });

  it("refuses the younger of two namespaces' Routes of one host, not the older", () => {
    const young = route("b", "two", "2026-01-01T00:00:01Z");
    deepEqual(refusal(young, [old, young]), {
      reason: "HostAlreadyClaimed",
      message: "a route in another namespace holds vllm.example and is older than two",
    });
    equal(refusal(old, [old, young]), undefined);
  });

  it("lets one namespace's Routes share a host by path", () => {
    const path = route("a", "two", "2026-01-01T00:00:01Z", { path: "/v1" });
    equal(refusal(path, [old, path]), undefined);
    equal(
      refusal(route("a", "two", "2026-01-01T00:00:01Z"), [old])?.message,
      "route one already exposes vllm.example and is older",
    );
  });

  it("refuses by fault, and admits again when that is gone", () => {
    const refused = ingressOf(old, [old], "route-rejected", now)!;
    equal(refused.conditions[0]?.status, "False");
    equal(refused.host, "vllm.example");
    equal(ingressOf({ ...old, status: { ingress: [refused] } }, [old], undefined, now)?.conditions[0]?.status, "True");
  });

  it("says nothing of a Route in a namespace that no router selects", () => {
    equal(ingressOf(old, [old], "route-unseen", now), undefined);
  });

  it("has nothing to say of a Route without a host", () => {
    equal(ingressOf(route("a", "none", "x", { host: "" }), [], undefined, now), undefined);
  });
});
