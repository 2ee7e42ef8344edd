import { execa } from "execa";
import path from "node:path";
import { TestStack } from "../harness/stack";
import { sideBySide } from "./measure";
import { median, type Part } from "./parts";
import { succeed, withCluster } from "./stack";

const root = path.resolve(__dirname, "..");
const names = {
  node: "node -e 0",
  kubectl: "kubectl get pods",
  help: "ops --help",
  fit: "fit Qwen/Qwen2.5-7B-Instruct-AWQ L4",
  status: "ops status",
} as const;
/** On two idle cores a Node starts in 0.04 s, and kubectl answers in 0.1 s: 0.4 s for what starts a Node, 1.0 s for what asks the cluster besides. */
const limits = { start: 10, answer: 7 } as const;

/** What an operator waits for before a command says anything, beside what Node and kubectl take. */
export const benchTools = (runs: number): Promise<Part> =>
  withCluster(async (cluster) => {
    const stack = await TestStack.create("bench-tools");
    try {
      await succeed(stack, "up", "--yes", "--skip-preview", "--non-interactive");
      const run = (file: string, ...args: string[]) => ({
        run: () => execa(file, args, { cwd: root, env: stack.env, extendEnv: false }).then(() => undefined),
      });
      const [npm, ops] = ["npm", ["run", "-s", "ops", "--"]] as const;
      const access = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context];
      const figures = await sideBySide(
        [
          { name: names.node, ...run(process.execPath, "-e", "0") },
          { name: names.kubectl, ...run("kubectl", ...access, "-n", stack.namespace, "get", "pods") },
          { name: names.help, ...run(npm, ...ops, "--help") },
          { name: names.fit, ...run(npm, "run", "-s", "fit", "--", "Qwen/Qwen2.5-7B-Instruct-AWQ", "L4") },
          {
            name: names.status,
            ...run(npm, ...ops, "status", "--cwd", stack.directory, "--stack", stack.name),
          },
        ],
        runs,
      );
      const verdict = (name: string, limit: number, ...beside: string[]): { statement: string; holds: boolean } => {
        const ratio = median(figures, name) / beside.reduce((sum, each) => sum + median(figures, each), 0);
        const what = beside.map((each) => `\`${each}\``).join(" and ");
        return {
          statement: `\`${name}\` takes ${ratio.toFixed(1)} × the time of ${what} (at most ${limit})`,
          holds: ratio <= limit,
        };
      };
      return {
        figures,
        verdicts: [
          verdict(names.help, limits.start, names.node),
          verdict(names.fit, limits.start, names.node),
          verdict(names.status, limits.answer, names.node, names.kubectl),
        ],
      };
    } finally {
      await stack.remove();
    }
  });
