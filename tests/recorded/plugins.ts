/**
 * `npm run record:plugins`: asks the official kubernetes provider of this machine every scenario of tests/long/official, on an embedded
 * cluster, and keeps its answers in tests/unit/plugins/officialKubernetes.yaml, to which the stand-in is held.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { startTestCluster, stopTestCluster, testCluster } from "../../harness/cluster";
import { officialPlugin, plugins } from "../../local/plugins/official";
import { commandLine, runCommandLine } from "../../shared/commandLine";
import { UserError } from "../../shared/errors";
import { ask } from "../long/official/ask";
import { scenarios } from "../long/official/scenarios";
import { Provider } from "../unit/plugins/provider";

const file = path.join(__dirname, "../unit/plugins/officialKubernetes.yaml");

const header =
  "# What the official kubernetes provider answered on Kubernetes 1.34, as `npm run record:plugins` wrote it: the scenarios are in tests/long/official.\n";

async function record({ seen, only }: { seen: string; only?: string }): Promise<void> {
  const chosen = only?.split(",") ?? Object.keys(scenarios);
  const official = await officialPlugin(plugins.kubernetes);
  if (official === undefined) {
    const { name, version } = plugins.kubernetes;
    throw new UserError(
      `the official plugin ${name} ${version} must be installed; run \`pulumi plugin install resource kubernetes ${version}\``,
    );
  }
  const own = process.env["TEST_STATE_DIR"] === undefined ? await startTestCluster() : undefined;
  if (own !== undefined) process.env["TEST_STATE_DIR"] = own;
  try {
    const cluster = await testCluster();
    const answers = only === undefined ? {} : (parse(readFileSync(file, "utf8")) as { answers: object }).answers;
    for (const name of chosen) {
      Object.assign(answers, { [name]: await ask(name, () => Provider.start(official, []), cluster) });
      console.log(name);
    }
    const ordered = Object.fromEntries(
      Object.keys(scenarios).flatMap((name) =>
        name in answers ? [[name, (answers as Record<string, unknown>)[name]]] : [],
      ),
    );
    writeFileSync(file, header + stringify({ seen, answers: ordered }, { lineWidth: 0 }));
  } finally {
    if (own !== undefined) await stopTestCluster(own);
  }
}

runCommandLine(
  commandLine("npm run record:plugins --", "Records what the official kubernetes provider answers.")
    .requiredOption("--seen <version>", "the version that is installed: a build from source is not told by its name")
    .option("--only <scenarios>", "names of scenarios, separated by commas; the others stay as they are")
    .action(record),
);
