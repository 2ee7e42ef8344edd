import { TestStack } from "../harness/stack";
import { type Contestant, sideBySide } from "./measure";
import { median, type Part, seconds } from "./parts";
import { succeed, withCluster } from "./stack";

const many = 20;

const names = {
  upOne: "up from nothing to Ready, 1 model of `models`",
  upMany: `up from nothing to Ready, ${many} models`,
  previewOne: "no-op preview, 1 model of `models`",
  previewMany: `no-op preview, ${many} models`,
} as const;

/** (g) What many models of one stack cost. */
export const benchModels = (runs: number): Promise<Part> =>
  withCluster(async (cluster) => {
    // The simulated node has eight GPUs.
    const gpus = { "nvidia.com/gpu": String(2 * many) };
    const status = JSON.stringify({ status: { capacity: gpus, allocatable: gpus } });
    await cluster.kubectl("patch", "node", "gpu-worker-0", "--subresource=status", "--type=merge", "--patch", status);
    const stackOf = (namespace: string, count: number): Promise<TestStack> => {
      const models = Array.from({ length: count }, (_, index) => [`model-${index + 1}`, {}] as const);
      return TestStack.create(namespace, { config: { models: Object.fromEntries(models) } });
    };
    const [one, twenty] = [await stackOf("bench-one-model", 1), await stackOf("bench-models", many)];
    const up = (name: string, stack: TestStack): Contestant => ({
      name,
      prepare: async () => void (await stack.destroy()),
      run: () => succeed(stack, "up", "--yes", "--skip-preview"),
    });
    const preview = (name: string, stack: TestStack): Contestant => ({
      name,
      run: () => succeed(stack, "preview", "--non-interactive", "--expect-no-changes"),
    });
    const figures = await sideBySide(
      [
        up(names.upOne, one),
        up(names.upMany, twenty),
        preview(names.previewOne, one),
        preview(names.previewMany, twenty),
      ],
      runs,
    );
    const perModel = (median(figures, names.upMany) - median(figures, names.upOne)) / (many - 1);
    const ratio = median(figures, names.previewMany) / median(figures, names.previewOne);
    const linear = median(figures, names.upMany) <= many * median(figures, names.upOne);
    return {
      figures,
      verdicts: [
        {
          statement: `each further model adds ${seconds(perModel)} to an up of ${seconds(median(figures, names.upOne))} (at most that much again)`,
          holds: linear,
        },
        {
          statement: `a no-op preview of ${many} models takes ${ratio.toFixed(2)} × that of 1 (at most 4)`,
          holds: ratio <= 4,
        },
      ],
    };
  });
