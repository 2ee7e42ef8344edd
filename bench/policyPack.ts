import path from "node:path";
import { buildPolicies } from "../policies/build";
import { sideBySide } from "./measure";
import { median, type Part } from "./parts";
import { programs } from "./stack";
import { secondsToPort } from "./startUp";

const root = path.resolve(__dirname, "..");
const names = { own: "start of the policy pack", empty: "start of an empty compiled pack" } as const;

/** From the start of the analyzer's process to the port on its standard output, as the CLI waits for it. */
export async function benchPolicyPack(runs: number): Promise<Part> {
  await buildPolicies();
  const runner = path.join(root, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
  const start = (folder: string) => (): Promise<number> =>
    secondsToPort(process.execPath, [runner, "127.0.0.1:1", folder], { cwd: folder });
  const figures = await sideBySide(
    [
      { name: names.own, run: start(path.join(root, "policies")) },
      { name: names.empty, run: start(path.join(programs, "emptyPack")) },
    ],
    runs,
  );
  const ratio = median(figures, names.own) / median(figures, names.empty);
  return {
    figures,
    verdicts: [
      {
        statement: `the policy pack starts in ${ratio.toFixed(2)} × the time of an empty one (at most 1.5)`,
        holds: ratio <= 1.5,
      },
    ],
  };
}
