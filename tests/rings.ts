import type { Ring, SetUp } from "./ring";
/** The rings of tests, as data: what each is, how it runs, what it needs first. */
import path from "node:path";
import { chainRing } from "./chain/ring";
import { startTestCluster, stopTestCluster } from "../harness/cluster";

/** How long a test may take is in .mocharc.json, and ends only one that hangs: no verdict depends on how fast the machine is. */
const mocha =
  (glob: string, options: readonly string[] = [], first: readonly string[] = []) =>
  (extra: readonly string[]): readonly [string, ...string[]] => [
    "mocha",
    "--require",
    "ts-node/register/transpile-only",
    "--reporter",
    "tests/reporter.cjs",
    // Which mocha cannot see where its output is a pipe, to be prefixed.
    ...(process.stdout.isTTY ? ["--color"] : []),
    ...options,
    // Files named by hand are run instead of all; mocha takes each once.
    ...(extra.some((argument) => argument.endsWith(".test.ts")) ? [] : [...first, glob]),
    ...extra,
  ];

/** They begin first: one that begins late is waited for alone. */
const longest = ["pages", "kill", "dooms", "removedLines", "switchModel", "localGateway"].map(
  (name) => `tests/cluster/${name}.test.ts`,
);

export const rings: readonly Ring[] = [
  {
    name: "unit",
    what: "pure functions",
    command: mocha("tests/unit/**/*.test.ts", ["--parallel", "--jobs", "2"]),
  },
  {
    name: "mocks",
    what: "the component under Pulumi's mocks",
    command: mocha("tests/mocks/**/*.test.ts"),
  },
  { name: "golden", what: "the manifests of each stack", command: mocha("tests/golden/**/*.test.ts") },
  {
    name: "downloader",
    what: "the init container's script against a Hub on loopback, with each version of its client",
    command: (extra) => ["node", "-r", "ts-node/register/transpile-only", "tests/downloader/run.ts", ...extra],
    waits: true,
  },
  {
    name: "cluster",
    what: "program, plugins and embedded cluster, for real",
    command: mocha("tests/cluster/**/*.test.ts", ["--parallel", "--jobs", "4"], longest),
    setUp: sharedCluster,
    waits: true,
  },
  {
    name: "chain",
    what: "the real clients, the real LiteLLM and the real vLLM with a tiny model",
    command: mocha("tests/chain/**/*.test.ts"),
    setUp: chainRing,
    waits: true,
  },
  {
    name: "real",
    what: "a real node: kubelet, containerd, router and vLLM on this machine's CPU",
    command: mocha("tests/real/**/*.test.ts", ["--require", "tests/real/results.ts"]),
    byNameOnly: true,
  },
];

/** One control plane serves the whole ring; each test has a namespace and a Pulumi backend of its own. */
async function sharedCluster(log: (line: string) => void): Promise<SetUp> {
  const stateDir = await startTestCluster(log);
  // The ring starts the same few programs over and over.
  const env = { TEST_STATE_DIR: stateDir, NODE_COMPILE_CACHE: path.join(stateDir, "compile-cache") };
  return { env, tearDown: () => stopTestCluster(stateDir) };
}
