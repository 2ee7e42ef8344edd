import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, mkdir, readlink, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildPolicies } from "../../policies/build";
import { loopbackWithoutProxy } from "../../shared/loopback.mjs";
import { log } from "../log";
import { installPlugins } from "../plugins/install";
import { resolveTool } from "../toolchain";

/** Encrypts the secrets of stacks on the embedded cluster. It guards nothing: the token there is a fake one, and all of it is on this disk. */
const localPassphrase = "local";

/** Where the file backend of a state folder keeps its stacks. */
export function backendDir(stateDir: string): string {
  return join(stateDir, "backend");
}

/**
 * The file backend in a folder. Without `metadata=skip` the backend writes a sidecar beside each state in two steps; a `pulumi` that is killed
 * between them leaves it empty, and every later command ends with "failed to load checkpoint: EOF" though the state is whole.
 * https://pkg.go.dev/gocloud.dev/blob/fileblob#URLOpener
 */
export function backendUrl(folder: string): string {
  return `${pathToFileURL(folder).href}?metadata=skip`;
}

/** The folders that go before all others on PATH: the project's pulumi and kubectl, and the Node that the program runs on. */
export function binDirs(stateDir: string): [tools: string, node: string] {
  return [join(stateDir, "bin"), dirname(process.execPath)];
}

/** Where `pulumi` and `kubectl` are the project's own, and what they talk to. */
interface Place {
  readonly stateDir: string;
  readonly kubeconfig: string;
}

/**
 * The environment in which `pulumi` and `kubectl` are the project's own and know only the embedded cluster. The user's PULUMI_ and
 * KUBECONFIG settings are left out: an organisation's backend or token must not leak into it, nor the other way round.
 */
export async function pulumiEnvironment(place: Place): Promise<NodeJS.ProcessEnv> {
  const { stateDir } = place;
  const [binDir] = binDirs(stateDir);
  const home = pulumiHome(stateDir);
  await Promise.all([binDir, home, backendDir(stateDir)].map((folder) => mkdir(folder, { recursive: true })));
  await withoutLogs(home);
  for (const tool of ["pulumi", "kubectl"] as const) await link(await resolveTool(tool), join(binDir, tool));
  await installPlugins(home, log);
  // So that `--policy-pack policies` works in this environment with nothing else to build.
  await buildPolicies();
  return variables(place);
}

/**
 * The same for what reads a stack and runs no program: where the tools are there, nothing is looked for or made, which takes longer
 * than the reading.
 */
export async function readingEnvironment(place: Place): Promise<NodeJS.ProcessEnv> {
  return existsSync(join(binDirs(place.stateDir)[0], "pulumi")) ? variables(place) : pulumiEnvironment(place);
}

const pulumiHome = (stateDir: string): string => join(stateDir, "pulumi-home");

function variables({ stateDir, kubeconfig }: Place): NodeJS.ProcessEnv {
  // `undefined` removes a name even where this is merged over the process's own environment.
  const foreign = Object.keys(process.env).filter((name) => name.startsWith("PULUMI_"));
  return {
    ...process.env,
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    PATH: [...binDirs(stateDir), process.env["PATH"]].join(delimiter),
    PULUMI_HOME: pulumiHome(stateDir),
    PULUMI_BACKEND_URL: backendUrl(backendDir(stateDir)),
    PULUMI_CONFIG_PASSPHRASE: localPassphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(stateDir, "kube-cache"),
    ...loopbackWithoutProxy(process.env),
  };
}

/**
 * The CLI writes a log of every command to its home, a megabyte for each preview of this program, and has no switch for it; it goes on without
 * where it cannot make the folder. https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/cmd/pulumi/pulumi.go
 */
async function withoutLogs(home: string): Promise<void> {
  const logs = join(home, "logs");
  const current = await lstat(logs).catch(() => undefined);
  if (current?.isFile()) return;
  // Another command may do the same at this moment, or write to it: whoever comes second leaves it to the next one.
  const old = `${logs}.${process.pid}.old`;
  const moved = await rename(logs, old).then(
    () => true,
    () => false,
  );
  await writeFile(logs, "", { flag: "wx" }).catch(() => undefined);
  if (moved) await rm(old, { recursive: true, force: true }).catch(() => undefined);
}

/**
 * Points `path` at `target`, in one step that processes running side by side survive. A shell of `npm run local -- env` has this very link on
 * its PATH, where the tool is then found: what it leads to is meant.
 */
export async function link(target: string, path: string): Promise<void> {
  const real = await realpath(target);
  const current = await readlink(path).catch(() => undefined);
  if (current === real) return;
  const partial = `${path}.${randomBytes(4).toString("hex")}.partial`;
  await symlink(real, partial);
  await rename(partial, path);
}
