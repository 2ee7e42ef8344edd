/** What sentences elsewhere say of the image lines, from their table. */
import { firstLineWith } from "../images/known";
import { type ImageLine, imageLines } from "../images/lines";

const lines: readonly ImageLine[] = imageLines;
const newest = lines.at(-1)!;

/** The oldest driver that any line runs on: what is asked of a node where the image's line is unknown. */
export const oldestDriver = Math.min(...lines.map(({ driver }) => driver));

export const driverOf = {
  anyLine: `a driver of ${oldestDriver} or newer from the GPU operator`,
  newestLine: `${newest.driver} where the image's CUDA is ${Number.parseInt(newest.cuda)}`,
};

/** The first line whose vLLM knows the switch. */
export function firstLineOfSwitch(name: string): string {
  return firstLineWith("environment", name)?.name ?? "none";
}
