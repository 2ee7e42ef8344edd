import { Listr, ListrLogger, ProcessOutput } from "listr2";
import { done } from "./index";
import { resolve, surroundings } from "./resolve";
import { type ToolName, tools } from "./tools";

/** Gets these tools as a live list on a terminal's standard error, the seconds counting beside each. */
export async function showMissingTools(missing: readonly ToolName[]): Promise<void> {
  if (missing.length === 0) return;
  const around = surroundings();
  const list = new Listr(
    missing.map((name) => ({
      title: `${name} ${tools[name].version}`,
      task: async (_, task) => {
        const started = Date.now();
        let doing = "";
        const show = () => {
          task.output = `${doing} … ${Math.round((Date.now() - started) / 1000)} s`;
        };
        const timer = setInterval(show, 1_000);
        const progress = (text: string) => {
          doing = text;
          show();
        };
        try {
          task.title = done(name, await resolve(tools[name], { ...around, progress }), started);
        } finally {
          clearInterval(timer);
        }
      },
    })),
    {
      rendererOptions: {
        collapseErrors: true,
        showErrorMessage: false, // the command prints it
        logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
      },
    },
  );
  await list.run();
}
