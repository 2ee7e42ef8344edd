// node local/bootstrap.mjs <script.ts> [arguments]: runs a TypeScript file of this project under a Node that is new enough, with the
// dependencies that package-lock.json names. Plain JavaScript with built-in modules only, so that it starts from nothing with Node 18.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { constants, homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withLock } from "../shared/lock.mjs";
import { loopbackWithoutProxy } from "../shared/loopback.mjs";
import { spaceProblem, systemTrouble } from "../shared/trouble.mjs";
import { withRouteNames } from "./names.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

class SetupError extends Error {}

/** True when version "22.19.0" is at least "22.19". */
export function isAtLeast(version, wanted) {
  const [left, right] = [version, wanted].map((text) => text.replace(/^v/, "").split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The oldest Node that package.json allows, and the one that versions.ts names for use instead. */
export function nodeVersions(folder = root) {
  const { engines } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const pinned = /^ {2}node: "(\d+\.\d+\.\d+)"/m.exec(readFileSync(join(folder, "local", "versions.ts"), "utf8"));
  if (!pinned) throw new Error("local/versions.ts names no Node");
  return { oldest: engines.node.replace(/^>=/, ""), pinned: pinned[1] };
}

/** What node_modules must have been made from to be left as it is. */
export function dependencyStamp(folder, nodeVersion) {
  const lock = readFileSync(join(folder, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} node ${nodeVersion.split(".")[0]}`;
}

/** True when node_modules is whole and of this package-lock.json. */
export function isInstalled(folder, stamp) {
  try {
    return readFileSync(join(folder, "node_modules", ".installed-from"), "utf8") === stamp;
  } catch {
    return false;
  }
}

/**
 * True when the user's own `npm ci` or `npm install` has made node_modules, whole and of this package-lock.json: npm writes what it has
 * installed into a lockfile there, last of all. https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#hidden-lockfiles
 */
export function isInstalledByNpm(folder) {
  const packages = (...path) => JSON.parse(readFileSync(join(folder, ...path), "utf8")).packages;
  try {
    const { "": _root, ...wanted } = packages("package-lock.json");
    const found = packages("node_modules", ".package-lock.json");
    const same = (name) => found[name]?.integrity === wanted[name]?.integrity;
    const isThere = (name) => same(name) || (found[name] === undefined && wanted[name].optional === true);
    return Object.keys(wanted).every(isThere) && Object.keys(found).every(same);
  } catch {
    return false;
  }
}

/** Says on standard error what takes time, and how long it took; on a terminal the seconds count. */
async function step(title, action) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const { isTTY } = process.stderr;
  if (!isTTY) process.stderr.write(`${title}\n`);
  const show = () => process.stderr.write(`\r${title} … ${seconds()}`);
  const timer = isTTY && setInterval(show, 1000);
  if (isTTY) show();
  try {
    await action();
    process.stderr.write(`${isTTY ? "\r" : ""}${title}: done in ${seconds()}\n`);
  } catch (error) {
    if (isTTY) process.stderr.write("\n");
    throw error;
  } finally {
    if (timer) clearInterval(timer);
  }
}

/** What npm says in its first lines of error, without its prefixes. */
export function npmComplaint(output) {
  const lines = output
    .split("\n")
    .flatMap((line) => /^npm (?:error|ERR!) (?!code )(.+)$/.exec(line)?.[1] ?? [])
    .filter((line) => !/complete log/i.test(line));
  return lines.slice(0, 2).join(" ") || output.trim().slice(-300);
}

function npm(args, env, cwd) {
  return new Promise((done, fail) => {
    const child = spawn("npm", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) =>
      fail(new SetupError(`npm cannot be started (${error.message}). Install Node 22 with npm: https://nodejs.org`)),
    );
    child.on("close", (code) => {
      if (code === 0) return done();
      fail(new SetupError(`npm ${args[0]} failed: ${npmComplaint(output)}`));
    });
  });
}

function nodeVersionOf(node) {
  return new Promise((done) => {
    const child = spawn(node, ["--version"], { stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.on("error", () => done(undefined));
    child.on("close", () => done(output.trim()));
  });
}

/** What the two take, measured, with what npm unpacks beside it. */
const nodeMiB = 300;
const dependenciesMiB = 500;
const otherCache = "let XDG_CACHE_HOME name another folder";
const otherClone = "clone the repository into another folder";

function checkSpace(folder, neededMiB, what, elsewhere) {
  const problem = spaceProblem(folder, neededMiB, what, elsewhere);
  if (problem !== undefined) throw new SetupError(problem);
}

const waiting = (what) => (holder) =>
  process.stderr.write(`Waiting for process ${holder.pid}, which is installing ${what}\n`);

function cacheDir() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "vllm-on-openshift", "tools");
}

/** The Node to use: this one if it is new enough, else the pinned one, which npm installs into the cache once. */
async function ensureNode() {
  const { oldest, pinned } = nodeVersions();
  if (isAtLeast(process.version, oldest)) return { node: process.execPath, version: process.version };
  const target = join(cacheDir(), "node", `v${pinned}`);
  const node = join(target, "bin", "node");
  if (!existsSync(node)) {
    await withLock(
      `${target}.lock`,
      () => (existsSync(node) ? undefined : installNode(pinned, target)),
      waiting(`Node ${pinned}`),
    );
  }
  return { node, version: `v${pinned}` };
}

async function installNode(version, target) {
  // The official binaries, as npm packages: https://www.npmjs.com/package/node
  const name = `node-${process.platform}-${process.arch}`;
  const partial = `${target}.${process.pid}.partial`;
  checkSpace(dirname(target), nodeMiB, `Node ${version}`, otherCache);
  try {
    await step(`Installing Node ${version} (this is Node ${process.version.slice(1)})`, async () => {
      mkdirSync(partial, { recursive: true });
      writeFileSync(join(partial, "package.json"), "{}");
      await npm(
        ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", `${name}@${version}`],
        process.env,
        partial,
      );
      const folder = join(partial, "node_modules", name);
      const found = await nodeVersionOf(join(folder, "bin", "node"));
      if (found !== `v${version}`)
        throw new SetupError(
          `The npm package ${name}@${version} holds no working Node. Install Node 22: https://nodejs.org`,
        );
      rmSync(target, { recursive: true, force: true });
      renameSync(folder, target);
    });
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function ensureDependencies(version, env) {
  const stamp = dependencyStamp(root, version);
  if (isInstalled(root, stamp)) return;
  if (isInstalledByNpm(root)) return writeFileSync(join(root, "node_modules", ".installed-from"), stamp);
  const install = async () => {
    if (isInstalled(root, stamp)) return;
    checkSpace(root, dependenciesMiB, "The dependencies", otherClone);
    await step("Installing the dependencies", () => installDependencies(root, stamp, env));
  };
  await withLock(join(root, ".local", "dependencies.lock"), install, waiting("the dependencies"));
}

/** Installs beside the old node_modules and changes them over at the end: what runs meanwhile goes on, and a kill breaks nothing. */
export async function installDependencies(folder, stamp, env) {
  const partial = join(folder, ".local", "dependencies.partial");
  await rm(partial, { recursive: true, force: true }); // of a killed run: the lock is held
  mkdirSync(partial, { recursive: true });
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
    if (existsSync(join(folder, file))) copyFileSync(join(folder, file), join(partial, file));
  }
  await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], env, partial);
  const [installed, current, old] = [join(partial, "node_modules"), join(folder, "node_modules"), join(partial, "old")];
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, ".installed-from"), stamp);
  if (existsSync(current)) renameSync(current, old);
  renameSync(installed, current);
  await rm(partial, { recursive: true, force: true });
}

/** Runs the script and ends as it ends. */
function run(node, args, env) {
  const { command, env: named } = withRouteNames(join(root, ".local"), [node, ...args], env);
  const child = spawn(command[0], command.slice(1), { env: named, stdio: "inherit" });
  // On a terminal Ctrl-C reaches the child by itself; sent twice, `pulumi` would take it for "terminate at once".
  const onTerminal = process.stdin.isTTY;
  process.on("SIGINT", () => onTerminal || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

async function main([script, ...args]) {
  if (!script) throw new SetupError("usage: node local/bootstrap.mjs <script.ts> [arguments]");
  const { node, version } = await ensureNode();
  const env = {
    ...process.env,
    ...loopbackWithoutProxy(process.env),
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
  };
  await ensureDependencies(version, env);
  run(node, ["-r", join(root, "shared", "register.cjs"), resolve(script), ...args], env);
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  main(process.argv.slice(2)).catch((error) => {
    const inCache = error.path?.startsWith(cacheDir());
    const trouble = systemTrouble(error, inCache ? otherCache : otherClone);
    process.stderr.write(`error: ${error instanceof SetupError ? error.message : (trouble ?? error.stack)}\n`);
    process.exitCode = 1;
  });
}
