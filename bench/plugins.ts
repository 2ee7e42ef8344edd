import { readdirSync } from "node:fs";
import path from "node:path";
import { testCluster } from "../harness/cluster";
import { pulumiEnvironment } from "../local/pulumi/environment";
import { sideBySide } from "./measure";
import { type Part, seconds } from "./parts";
import { withCluster } from "./stack";
import { secondsToPort } from "./startUp";

/** What the plugins cost by themselves: from their start to the port on their standard output, once for each a preview starts. */
export const benchPlugins = (runs: number): Promise<Part> =>
  withCluster(async () => {
    const { stateDir, kubeconfig } = await testCluster();
    const env = await pulumiEnvironment({ stateDir, kubeconfig });
    const folder = path.join(env.PULUMI_HOME ?? "", "plugins");
    const executables = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /-(kubernetes|random|nodejs)-v/.test(entry.name))
      .map((entry) => ({
        name: entry.name,
        file: path.join(folder, entry.name, `pulumi-${entry.name.replace(/-v[\d.]+$/, "")}`),
      }));
    const contestants = executables.map(({ name, file }) => ({
      name: `start of the plugin ${name}`,
      run: () => secondsToPort(file, ["127.0.0.1:1"], { env }),
    }));
    const figures = await sideBySide(contestants, runs);
    const sum = figures.reduce((total, { median }) => total + median, 0);
    return {
      figures,
      verdicts: [{ statement: `the plugins' starts add up to ${seconds(sum)}, partly side by side`, holds: true }],
    };
  });
