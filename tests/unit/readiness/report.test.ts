import assert from "node:assert/strict";
import { report } from "../../../components/readiness/report";
import { play, type Scenario, target } from "./play";

const aim = { connection: { context: "dev-cluster" }, stack: "dev" };

function paragraph(scenario: Omit<Scenario, "title" | "expect">, more: { again?: boolean } = {}): string {
  const { diagnosis, snapshot } = play({ title: "", expect: { verdict: "doomed" }, ...scenario });
  return report(diagnosis, snapshot, target, { ...aim, ...more });
}

describe("the report of a doomed start-up", () => {
  it("says which container, its last words, where to read more, and what to do", () => {
    const text = paragraph({
      steps: [
        { at: 0, pod: "downloading" },
        {
          at: 2,
          containers: { "model-downloader": { exit: { exitCode: 14, reason: "Error" } } },
          logs: {
            "model-downloader": [
              "model-downloader: error: disk-full: no space left on device",
              "kubectl get pods and pulumi up are words of its own",
            ],
          },
        },
      ],
    });
    assert.equal(
      text,
      [
        "vllm cannot start: the volume is full.",
        "  Where: container model-downloader of pod vllm-new-1, namespace vllm-inference",
        "  Said: container model-downloader ended with exit code 14",
        "  Its last lines:",
        "    | model-downloader: error: disk-full: no space left on device",
        "    | kubectl get pods and pulumi up are words of its own",
        "  Read more: kubectl --context dev-cluster logs -n vllm-inference vllm-new-1 -c model-downloader --previous   # without --previous while it runs",
        "  What to do: raise `pvcSize` (on a class that can expand), or remove models that nobody serves from the volume.",
        "  Then run the same `pulumi up --stack dev` again: what is there already is kept.",
      ].join("\n"),
    );
  });

  it("says of one that was up before that its outputs stand, which Pulumi shows as removed", () => {
    const scenario = { limits: { loadSeconds: 60 }, steps: [{ at: 0, pod: "loading" as const }], until: 100 };
    const [last] = paragraph(scenario, { again: true }).split("\n").slice(-1);
    assert.equal(
      last,
      "  Then run the same `pulumi up --stack dev` again: what is there already is kept, the outputs too that are shown with a minus.",
    );
  });

  it("shows a limit that was reached with what most likely is the matter", () => {
    const text = paragraph({ limits: { loadSeconds: 60 }, steps: [{ at: 0, pod: "loading" }], until: 100 });
    assert.match(
      text,
      /^vllm is not ready: loading has taken 62 s, its limit is 60 s; most likely the server did not answer before its startup probe gave up\.\n/,
    );
  });

  it("names the rights for want of which it sees less", () => {
    const text = paragraph({
      steps: [
        { at: 0, pod: "downloading", rights: ["get pods/log", "list events"] },
        { at: 2, containers: { "model-downloader": { exit: { exitCode: 10 } } } },
      ],
    });
    assert.match(text, /Not seen for want of rights in namespace vllm-inference: get pods\/log, list events\./);
  });

  it("names `restricted` as the way out of a refused SCC", () => {
    const text = paragraph({
      steps: [{ at: 0, pod: "none", refused: "unable to validate against any security context constraint: []" }],
      until: 30,
    });
    assert.match(
      text,
      /What to do: ask a cluster admin .*`oc adm policy .*, or set `securityMode` to `restricted`, which needs no SCC\./,
    );
  });

  it("points at the claim, the Route and the Deployment where they are the matter", () => {
    const claim = paragraph({ steps: [{ at: 0, pod: "pending", claim: "Lost" }], until: 30 });
    assert.match(
      claim,
      /Where: claim vllm-models-cache, .*\n.*\n {2}Read more: kubectl --context dev-cluster describe pvc -n vllm-inference vllm-models-cache\n/,
    );
    const route = paragraph({ steps: [{ at: 0, pod: "loading", route: { reason: "X", message: "no" } }], until: 30 });
    assert.match(route, /Read more: kubectl --context dev-cluster describe route -n vllm-inference vllm\n/);
    const paused = paragraph({ steps: [{ at: 0, pod: "none", deployment: { paused: true } }], until: 30 });
    assert.match(paused, /Read more: kubectl --context dev-cluster describe deployment -n vllm-inference vllm\n/);
  });
});
