// Packages of many files, loaded from one file each, which is made at the first need and kept beside the dependencies: they start in a half to a
// third of the time. Required first by what starts anew with each command: the project's own commands (register.cjs) and the programs that `pulumi`
// runs. Whoever imports the components as a library has the packages as they are.
const { createHash } = require("node:crypto");
const {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const kept = path.join(root, "node_modules", ".cache", "vllm-on-openshift");

/** The last words of a kept file: one that was cut off with the power has others. */
const end = "\n// kept whole\n";

/** Not where a file may not be read, or lacks its end, which alone is read. */
function isKept(file) {
  let opened;
  try {
    opened = openSync(file);
    const last = Buffer.alloc(end.length);
    readSync(opened, last, 0, end.length, fstatSync(opened).size - end.length);
    return last.toString() === end;
  } catch {
    return false;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

/** Makes a file whole or not at all; says whether it is there. */
function keep(file, make) {
  const partial = path.join(kept, `${process.pid}.partial.js`);
  try {
    mkdirSync(kept, { recursive: true });
    make(partial);
    appendFileSync(partial, end);
    renameSync(partial, file);
    return true;
  } catch {
    // A folder of somebody else's, or a full disk: the command says so itself where it matters to it.
    if (existsSync(partial)) rmSync(partial);
    return false;
  }
}

/** What is used of each. */
const used = {
  "@kubernetes/client-node": "{ HttpMethod, KubeConfig, RequestContext }",
  execa: "*",
  yaml: "*",
  zod: "*",
};
const made = new Map();
function inOneFile(name, resolved) {
  const within = path.join("node_modules", name, path.sep);
  const at = resolved.lastIndexOf(within);
  if (at < 0) return resolved; // the one file already: a program that runs twice in one process brings this twice
  const folder = resolved.slice(0, at + within.length - 1);
  // What npm has installed, because a package's own dependencies are in the file, too; else its version.
  const lock = path.join(folder.slice(0, -name.length), ".package-lock.json");
  const installed = existsSync(lock) ? lock : path.join(folder, "package.json");
  const contents = `export ${used[name]} from ${JSON.stringify(name)};`;
  const hash = createHash("sha256").update(readFileSync(installed)).update(contents).digest("hex");
  const file = path.join(kept, `${path.basename(name)}-${hash.slice(0, 12)}.js`);
  const make = (outfile) =>
    require("esbuild").buildSync({
      stdin: { contents, resolveDir: root },
      bundle: true,
      platform: "node",
      format: "cjs",
      logLevel: "silent",
      outfile,
    });
  return isKept(file) || keep(file, make) ? file : resolved;
}

/** Whether a file is the project's: what its dependencies load is theirs, and may be another version. */
const isOwn = ({ filename = "" }) => !path.relative(root, filename).split(path.sep).includes("node_modules");

// V8 keeps what it makes of them, and of all that is loaded from here on: https://nodejs.org/docs/latest-v22.x/api/module.html#module-compile-cache
Module.enableCompileCache?.(path.join(kept, "v8"));
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const resolved = resolve.call(this, request, parent, ...rest);
  if (!Object.hasOwn(used, request) || !isOwn(parent ?? {})) return resolved;
  // Once, also where nothing can be kept.
  if (!made.has(request)) made.set(request, inOneFile(request, resolved));
  return made.get(request);
};

module.exports = { isKept, keep, kept };
