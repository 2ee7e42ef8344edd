import assert from "node:assert/strict";
import { routeHostRemedy } from "../../../components/hooks/routeHost";

describe("the end of the provider's wait for a Route's host", () => {
  const became = "the Kubernetes API server reported that it failed to fully initialize or become live";

  it("names the settings that do without a generated one", () => {
    assert.equal(
      routeHostRemedy([`resource "urn" was successfully created, but ${became}: timed out waiting for the condition`]),
      "This cluster generates no host for a Route: set one with `pulumi config set routeHost <host>`, or do without: `pulumi config set routeEnabled false`.",
    );
  });

  for (const error of [
    "routes.route.openshift.io is forbidden",
    `${became}: Resource operation was cancelled for "vllm"`,
    `${became}: client connection lost`,
  ]) {
    it(`is not the matter of '${error}'`, () => assert.equal(routeHostRemedy([error]), undefined));
  }
});
