import { Clone } from "../harness/clone";
import { sideBySide } from "./measure";
import { median, type Part, seconds } from "./parts";

const names = {
  first: "npm run local, the first in a clone (tools and dependencies there)",
  again: "npm run local, with nothing changed",
} as const;
const limit = 20;

/** What a newcomer waits for, by the clock: a cluster of its own each time, and the simulated delays as they are shipped. */
export async function benchLocal(runs: number): Promise<Part> {
  const clone = await Clone.make();
  const run = async (): Promise<void> => {
    const { exitCode, text } = await clone.local();
    if (exitCode !== 0) throw new Error(`npm run local ended with ${exitCode}:\n${text}`);
  };
  try {
    const [first] = await sideBySide([{ name: names.first, run }], 1);
    const again = await sideBySide([{ name: names.again, run }], runs);
    const figure = median(again, names.again);
    return {
      figures: [...(first ? [first] : []), ...again],
      verdicts: [
        { statement: `npm run local again takes ${seconds(figure)} (at most ${limit} s)`, holds: figure <= limit },
      ],
    };
  } finally {
    await clone.remove();
  }
}
