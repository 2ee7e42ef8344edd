import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { simulate } from "../local/simulation";
import type { TestCluster } from "../tests/cluster/cluster";
import { TestStack } from "../tests/cluster/stack";
import { type DoomCase, doomCases } from "./cases";
import { type Figures, figures } from "./measure";
import { type Part, seconds } from "./parts";
import { withCluster } from "./stack";

const limit = 15;

/** (c) From the moment the cluster reports what cannot be mended by waiting, to the end of `up`. */
export const benchDooms = (runs: number): Promise<Part> =>
  withCluster(async (cluster) => {
    const measured: Figures[] = [];
    for (const doom of doomCases) {
      const times: number[] = [];
      for (let round = 0; round < runs; round++) times.push(await timeDoom(cluster, doom));
      const figure = figures(`reported to ended: ${doom.name}`, times);
      console.log(`  ${doom.name}: ${seconds(figure.min)} / ${seconds(figure.median)} / ${seconds(figure.max)}`);
      measured.push(figure);
    }
    const worst = Math.max(...measured.map(({ max }) => max));
    return {
      figures: measured,
      verdicts: [
        {
          statement: `a doom ends up within ${seconds(worst)} of its report (at most ${limit} s)`,
          holds: worst <= limit,
        },
      ],
    };
  });

async function timeDoom(cluster: TestCluster, doom: DoomCase): Promise<number> {
  const namespace = `bench-doom-${Math.random().toString(36).slice(2, 8)}`;
  const stack = await TestStack.create(namespace, doom.config ? { config: doom.config } : {});
  await simulate(cluster.kubeconfig, namespace, { ...(doom.fault && { fault: doom.fault }) });
  try {
    const ended = stack.up().then((outcome) => ({ outcome, at: performance.now() }));
    const reportedAt = await firstReport(cluster, namespace, doom, ended);
    const { outcome, at } = await ended;
    if (outcome.exitCode === 0) throw new Error(`'${doom.name}' was no doom: up succeeded`);
    if (reportedAt === undefined) throw new Error(`'${doom.name}' was never reported by the cluster:\n${outcome.text}`);
    return (at - reportedAt) / 1000;
  } finally {
    await stack.remove();
  }
}

async function firstReport(
  cluster: TestCluster,
  namespace: string,
  doom: DoomCase,
  ended: Promise<unknown>,
): Promise<number | undefined> {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  let over = false;
  void ended.finally(() => (over = true));
  while (!over) {
    const [pods, events] = await Promise.all([
      core.listNamespacedPod({ namespace }),
      core.listNamespacedEvent({ namespace }),
    ]);
    if (doom.reported({ pods: pods.items, events: events.items })) return performance.now();
    await sleep(100);
  }
  return undefined;
}
