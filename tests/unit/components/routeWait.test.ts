import assert from "node:assert/strict";
import { unseenRoute } from "../../../components/routeWait";
import { symptom } from "../../../components/symptoms";
import { target } from "../readiness/play";

const connection = { context: "dev-cluster" };

describe("the end of the provider's wait for a Route's host", () => {
  const timedOut =
    'resource "urn" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ' +
    "timed out waiting for the condition";

  it("is told as the readiness gate would", () => {
    assert.equal(
      unseenRoute([timedOut], target, 60, connection),
      [
        "vllm is not ready: route has taken 60 s, its limit is 60 s; most likely no router has taken up the Route.",
        "  Where: Route vllm, namespace vllm-inference",
        "  Said: no router has answered",
        "  Read more: kubectl --context dev-cluster describe route -n vllm-inference vllm",
        `  What to do: ${symptom("route-not-admitted").remedy}.`,
        "  Then run the same `pulumi up` again: what is there already is kept.",
      ].join("\n"),
    );
  });

  const became = "the Kubernetes API server reported that it failed to fully initialize or become live";
  for (const error of [
    "routes.route.openshift.io is forbidden",
    `${became}: Resource operation was cancelled for "vllm"`,
    `${became}: client connection lost`,
  ]) {
    it(`is not the matter of '${error}'`, () => assert.equal(unseenRoute([error], target, 60, connection), undefined));
  }
});
