import assert from "node:assert/strict";
import type { ClusterClient } from "../../../components/cluster/client";
import { resolveArgs } from "../../../components/args/resolve";
import type { Checked, CheckFinding } from "../../../ops/checks/check";
import { deployedChecks } from "../../../ops/checks/deployed";
import { exitCodes } from "../../../ops/terminal/exitCodes";
import { unreachable } from "../../../ops/stack/openStack";

describe("what doctor says to type", () => {
  async function findings(id: string, context: object): Promise<CheckFinding[]> {
    const check = deployedChecks.find((each) => each.id === id)!;
    return [await check.run(context as Checked)].flat() as CheckFinding[];
  }
  const stack = {
    name: "dev",
    project: "vllm-inference",
    args: resolveArgs("vllm", { modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ" }),
    target: { deployment: "vllm", namespace: "n" },
  };

  it("about two pods takes the replicas back: without a refresh `up` sees none of them", async () => {
    const pods = ["a", "b"].map((name) => ({ name, phase: "Running" }));
    const seen = { snapshot: { pods, missingRights: [], deployment: { replicas: 2 } } };
    const [finding] = await findings("pods", { stack, seen });
    assert.match(finding?.mend ?? "", /^pulumi up --refresh --stack dev {3}# or at once: kubectl scale/);
  });

  describe("about objects that are not the stack's own", () => {
    const owner = "vllm-inference/stack";
    /** The Deployment's finding, where it was made by somebody else and the state knows it with these annotations. */
    async function about(holder: string | undefined, ...known: (Record<string, string> | "others")[]) {
      const annotations = holder === undefined ? {} : { [owner]: holder };
      const client = {
        get: () => Promise.resolve({ body: { metadata: { annotations } } }),
      } as unknown as ClusterClient;
      const resources = known.map((each) => {
        const name = each === "others" ? "other" : "vllm";
        const inputs = {
          kind: "Deployment",
          metadata: { name, annotations: each === "others" ? { [owner]: "x" } : each },
        };
        return { urn: "urn:pulumi:dev::vllm-inference::kubernetes:apps/v1:Deployment::vllm-deployment", inputs };
      });
      const all = await findings("objects", { stack, client, state: { resources } });
      return all.find(({ evidence }) => /Deployment vllm\b/.test(evidence)) ?? assert.fail("no finding");
    }

    it("is the import of a deployment that the state does not know", async () => {
      assert.match((await about(undefined)).mend ?? "", /^npm run ops -- import --stack dev /);
    });

    it("is the first `up` once they are imported", async () => {
      assert.match((await about(undefined, {})).mend ?? "", /^pulumi up --stack dev {3}# .* after an import/);
    });

    it("is a refresh where one of the stack's own was deleted and made anew: `up` alone would see no change", async () => {
      const { mend } = await about(undefined, { [owner]: "organization/vllm-inference/dev" });
      assert.equal(mend, "pulumi up --refresh --stack dev");
    });

    it("is to take one over that somebody else has made beside the stack's own", async () => {
      const { mend } = await about(undefined, "others");
      assert.match(mend ?? "", /^pulumi config set adoptExisting true --stack dev && pulumi up --refresh --stack dev /);
    });

    it("is another namespace, or to move it on purpose, where it belongs to another stack", async () => {
      const { evidence, mend, remedy } = await about("organization/vllm-inference/prod");
      assert.match(evidence, /belongs to the stack 'organization\/vllm-inference\/prod'/);
      assert.equal(mend, "pulumi config set namespace <another> --stack dev");
      assert.match(
        remedy ?? "",
        /^to move it on purpose, first take it out of the stack 'organization\/vllm-inference\/prod', then run `kubectl annotate .*deployment\/vllm .*-n n vllm-inference\/stack-` and `pulumi config set adoptExisting true --stack dev`$/,
      );
      const shared = await about("organization/vllm-inference/prod", { [owner]: "organization/vllm-inference/dev" });
      assert.match(
        shared.mend ?? "",
        /^pulumi up --refresh --stack dev {3}# once the stack '\S+prod' has let go of it/,
      );
    });
  });

  describe("about the Route", () => {
    const object = {
      metadata: { annotations: { "haproxy.router.openshift.io/timeout": stack.args.routeTimeout } },
      spec: {},
    };
    const client = { get: () => Promise.resolve({ body: object }) } as unknown as ClusterClient;
    type Router = { host: string; admitted: string; message?: string };
    const host = "vllm.apps.example.com";
    const refuses: Router = { host: "vllm.edge.example.com", admitted: "False", message: "not mine" };
    const exposes: Router = { host: "vllm.edge.example.com", admitted: "True" };
    const admits: Router = { host, admitted: "True" };
    const about = (phase: string, ...ingress: Router[]): Promise<CheckFinding[]> => {
      const snapshot = { missingRights: [], route: { uid: "u", host, ingress } };
      const routed = { ...stack, target: { ...stack.target, route: "vllm" } };
      return findings("route", {
        stack: routed,
        client,
        state: { resources: [] },
        seen: { snapshot, standing: { phase } },
      });
    };

    it("is nothing where one of the routers serves its host, which is the one shown", async () => {
      for (const other of [refuses, exposes]) {
        const [finding] = await about("ready", other, admits);
        assert.deepEqual(finding, { severity: "ok", evidence: `https://${host}, timeout 600s` });
      }
    });

    it("is the host of the router that exposes it as another", async () => {
      const [finding, ...others] = await about("route", exposes);
      assert.equal(
        finding?.evidence,
        `its router exposes it as vllm.edge.example.com, not as ${host}, the host that the stack publishes`,
      );
      assert.equal(
        finding?.mend,
        "pulumi config set routeHost vllm.edge.example.com --stack dev && pulumi up --refresh --stack dev",
      );
      assert.deepEqual(others, [], "no word of a pod that is not ready");
    });

    it("is what the router that refuses it says, whichever of them that is", async () => {
      const silent = { host, admitted: "Unknown" };
      assert.equal((await about("route", silent, refuses))[0]?.evidence, "not admitted: not mine");
      assert.equal((await about("route"))[0]?.evidence, "not admitted: no router has looked at it");
    });
  });

  it("about the embedded cluster that does not answer is how to start it", () => {
    const connection = { context: "local" };
    const gone = new Error("connect ECONNREFUSED 127.0.0.1:1");
    const { message, exitCode } = unreachable(gone, connection, true);
    assert.match(
      message,
      /ECONNREFUSED 127\.0\.0\.1:1\. Where the embedded cluster is stopped, `npm run local` starts/,
    );
    assert.equal(exitCode, exitCodes.unreachable);
    assert.match(unreachable(gone, connection, false).message, /ECONNREFUSED 127\.0\.0\.1:1\.$/);
  });
});
