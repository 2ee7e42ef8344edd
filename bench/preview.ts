import path from "node:path";
import { TestStack } from "../harness/stack";
import { sideBySide } from "./measure";
import { median, type Part, seconds } from "./parts";
import { programs, succeed, withCluster } from "./stack";

const names = {
  whole: "no-op preview, this program",
  one: "no-op preview, one ConfigMap, same imports and plugins",
  empty: "no-op preview, empty program",
} as const;

/** (a) What a preview with nothing to change costs. */
export const benchPreview = (runs: number): Promise<Part> =>
  withCluster(async () => {
    const stacks = {
      [names.whole]: await TestStack.create("bench-preview"),
      [names.one]: await TestStack.create("bench-one", { main: path.join(programs, "configmap") }),
      [names.empty]: await TestStack.create("bench-empty-preview", {
        main: path.join(programs, "empty"),
        project: "empty",
      }),
    };
    for (const stack of Object.values(stacks)) await succeed(stack, "up", "--yes", "--skip-preview");
    const contestants = Object.entries(stacks).map(([name, stack]) => ({
      name,
      run: () => succeed(stack, "preview", "--non-interactive", "--expect-no-changes"),
    }));
    const figures = await sideBySide(contestants, runs);
    const ratio = median(figures, names.whole) / median(figures, names.one);
    const floor = median(figures, names.whole) / median(figures, names.empty);
    return {
      figures,
      verdicts: [
        {
          statement: `a no-op preview takes ${ratio.toFixed(2)} × that of one ConfigMap (at most 1.3)`,
          holds: ratio <= 1.3,
        },
        {
          statement: `it takes ${floor.toFixed(2)} × that of an empty program, ${seconds(median(figures, names.empty))}`,
          holds: true,
        },
      ],
    };
  });
