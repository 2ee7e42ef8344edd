import path from "node:path";
import { TestStack } from "../harness/stack";
import { liveManifests } from "./liveManifests";
import { sideBySide } from "./measure";
import { median, type Part, seconds } from "./parts";
import { programs, succeed, withCluster } from "./stack";

const names = {
  up: "up from nothing to Ready",
  empty: "up, empty program",
  kubectl: "kubectl apply + kubectl wait, the same objects",
} as const;

/** (b) What `up` costs where the cluster itself takes no time. */
export const benchUp = (runs: number): Promise<Part> =>
  withCluster(async (cluster) => {
    const stack = await TestStack.create("bench-up");
    const empty = await TestStack.create("bench-empty", { main: path.join(programs, "empty"), project: "empty" });
    await succeed(stack, "up", "--yes", "--skip-preview");
    const objects = await liveManifests(cluster, "bench-up");
    // One of each at a time: the namespace's name is the same for both, so that the objects are.
    const clear = async (): Promise<void> => {
      await stack.destroy();
      await cluster.kubectl("delete", "namespace", "bench-up", "--ignore-not-found");
    };
    const figures = await sideBySide(
      [
        { name: names.up, prepare: clear, run: () => succeed(stack, "up", "--yes", "--skip-preview") },
        {
          name: names.empty,
          prepare: async () => void (await empty.destroy()),
          run: () => succeed(empty, "up", "--yes", "--skip-preview"),
        },
        {
          name: names.kubectl,
          prepare: clear,
          run: async () => {
            await cluster.kubectlWithInput(objects, "apply", "--server-side", "-f", "-");
            await cluster.kubectl(
              "-n",
              "bench-up",
              "wait",
              "--for=condition=Available",
              "deployment/vllm",
              "--timeout=60s",
            );
          },
        },
      ],
      runs,
    );
    const over = median(figures, names.up) - median(figures, names.empty);
    return {
      figures,
      verdicts: [
        { statement: `up takes ${seconds(over)} more than an empty program's (at most 3 s)`, holds: over <= 3 },
        {
          statement: `kubectl takes ${seconds(median(figures, names.kubectl))}, with nothing checked, remembered or diagnosed`,
          holds: true,
        },
      ],
    };
  });
