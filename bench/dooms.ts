import { dooms } from "../harness/dooms";
import { upInto } from "../harness/upIntoDoom";
import { type Timing, timing } from "./measure";
import { type Part, seconds } from "./parts";
import { withCluster } from "./stack";

const limit = 5;

/** (c) From the moment the cluster reports what waiting cannot mend, to the end of `up`. Kubernetes' times are whole seconds. */
export const benchDooms = (runs: number): Promise<Part> =>
  withCluster(async () => {
    const measured: Timing[] = [];
    for (const doom of dooms) {
      const times: number[] = [];
      for (let round = 0; round < runs; round++) {
        const { stack, failed, judgedAfter } = await upInto(doom, `bench-${round}-${doom.symptom}`);
        await stack.remove();
        if (failed.exitCode === 0) throw new Error(`'${doom.title}' was no doom: up succeeded`);
        times.push(judgedAfter);
      }
      const figure = timing(`reported to ended: ${doom.title}`, times);
      console.log(`  ${doom.title}: ${seconds(figure.min)} / ${seconds(figure.median)} / ${seconds(figure.max)}`);
      measured.push(figure);
    }
    const worst = Math.max(...measured.map(({ max }) => max));
    const statement = `a doom ends up within ${seconds(worst)} of its report (at most ${limit} s)`;
    return { figures: measured, verdicts: [{ statement, holds: worst <= limit }] };
  });
