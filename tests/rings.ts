/** The rings of tests, as data: what each is, how it runs, what it needs first. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { chainRing } from "./chain/ring";
import { startTestCluster, stopTestCluster } from "../harness/cluster";
import type { Ring, SetUp } from "./ring";

/** How long a test may take is in .mocharc.json, and ends only one that hangs: no verdict depends on how fast the machine is. */
const mocha =
  (files: readonly string[], ...options: readonly string[]) =>
  (extra: readonly string[]): readonly [string, ...string[]] => [
    "mocha",
    "--require",
    "ts-node/register/transpile-only",
    "--reporter",
    "tests/reporter.cjs",
    // Which mocha cannot see where its output is a pipe, to be prefixed.
    ...(process.stdout.isTTY ? ["--color"] : []),
    ...options,
    // Files named by hand are run instead of all.
    ...(extra.some((argument) => argument.endsWith(".test.ts")) ? [] : files),
    ...extra,
  ];

/** The tests of a folder, the longest first: one that begins late is waited for alone. Each stands there once, or mocha runs it twice. */
function longestFirst(folder: string, ...longest: readonly string[]): string[] {
  const all = readdirSync(path.join(__dirname, folder)).filter((name) => name.endsWith(".test.ts"));
  const first = longest.map((name) => `${name}.test.ts`);
  const missing = first.filter((name) => !all.includes(name));
  if (missing.length > 0) throw new Error(`tests/${folder} has no ${missing.join(", ")}`);
  return [...new Set([...first, ...all])].map((name) => `tests/${folder}/${name}`);
}

export const rings: readonly Ring[] = [
  {
    name: "unit",
    what: "pure functions",
    command: mocha(["tests/unit/**/*.test.ts"], "--parallel", "--jobs", "2"),
  },
  {
    name: "mocks",
    what: "the component under Pulumi's mocks",
    command: mocha(["tests/mocks/**/*.test.ts"]),
  },
  { name: "golden", what: "the manifests of each stack", command: mocha(["tests/golden/**/*.test.ts"]) },
  {
    name: "downloader",
    what: "the init container's script against a Hub on loopback, with each version of its client",
    command: (extra) => ["node", "-r", "ts-node/register/transpile-only", "tests/downloader/run.ts", ...extra],
    waits: true,
  },
  {
    name: "cluster",
    what: "program, plugins and embedded cluster, for real",
    command: mocha(longestFirst("cluster", "dooms"), "--parallel", "--jobs", "5"),
    setUp: sharedCluster,
    waits: true,
  },
  {
    name: "chain",
    what: "the real clients, the real LiteLLM and the newest vLLM with a tiny model",
    command: mocha(["tests/chain/**/*.test.ts"]),
    setUp: (log) => chainRing(process.env["CHAIN_ALL"] === undefined ? "newest" : "all", log),
    waits: true,
  },
  {
    name: "long",
    what: "what takes longest on the embedded cluster: each page that can be typed in one go, 30 kills, each line removed, the import of an old deployment, the local gateway, plugins held to their records, the component in programs of others, ci:*",
    command: mocha(
      longestFirst("long", "pages", "pagesOfTheNight", "kill", "pagesOfModels"),
      "--parallel",
      "--jobs",
      "4",
    ),
    setUp: sharedCluster,
    waits: true,
    byNameOnly: true,
  },
  {
    name: "default-image",
    what: "what the chain asks of the newest vLLM, of the one in the default image: Claude Code, chat templates, smoke",
    command: mocha([
      "tests/default-image/*.test.ts",
      ...["claudeCode", "templates", "versionAnswer"].map((name) => `tests/chain/${name}.test.ts`),
    ]),
    setUp: (log) => chainRing("default image's", log),
    waits: true,
    byNameOnly: true,
  },
  {
    name: "real",
    what: "a real node: kubelet, containerd, router and vLLM on this machine's CPU",
    command: mocha(["tests/real/**/*.test.ts"], "--require", "tests/real/results.ts"),
    byNameOnly: true,
  },
];

/** One control plane serves the whole ring; each test has a namespace and a Pulumi backend of its own. */
async function sharedCluster(log: (line: string) => void): Promise<SetUp> {
  // So many GPUs that no test's pod waits for another test's, and shows what the scheduler says then.
  const stateDir = await startTestCluster(log, 64);
  // The ring starts the same few programs over and over.
  const env = { TEST_STATE_DIR: stateDir, NODE_COMPILE_CACHE: path.join(stateDir, "compile-cache") };
  return { env, tearDown: () => stopTestCluster(stateDir) };
}
