// node -r ./shared/register.cjs <script.ts>: how the project's own commands are loaded, so that they start at once. What swc makes of a file is kept
// beside the dependencies under a name of its content, and so is what V8 makes of that; a package is loaded when it is first used. The program
// itself, which `pulumi` runs, and the tests are loaded by ts-node. Neither checks types.
const { createHash } = require("node:crypto");
const {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const kept = path.join(root, "node_modules", ".cache", "vllm-on-openshift");

/** https://swc.rs/docs/configuration/modules#lazy */
const options = {
  jsc: { parser: { syntax: "typescript" }, target: "es2022", keepClassNames: true },
  module: { type: "commonjs", lazy: true },
  sourceMaps: "inline",
  swcrc: false,
};
const recipe = JSON.stringify([require("@swc/core/package.json").version, options]);

/** The JavaScript of a file. Where nothing can be kept, it is made each time. */
function javaScript(filename) {
  const source = readFileSync(filename, "utf8");
  const name = createHash("sha256").update(recipe).update(filename).update(source).digest("hex");
  const file = path.join(kept, `${name}.js`);
  if (isKept(file)) return readFileSync(file, "utf8");
  const { code } = require("@swc/core").transformSync(source, { ...options, filename });
  keep(file, (partial) => writeFileSync(partial, code));
  return code;
}

/** Not where a file may not be read, or was cut off with the power. */
function isKept(file) {
  try {
    accessSync(file, constants.R_OK);
    const stats = statSync(file);
    return stats.isFile() && stats.size > 0;
  } catch {
    return false;
  }
}

/** Makes a file whole or not at all; says whether it is there. */
function keep(file, make) {
  const partial = path.join(kept, `${process.pid}.partial.js`);
  try {
    mkdirSync(kept, { recursive: true });
    make(partial);
    renameSync(partial, file);
    return true;
  } catch {
    // A folder of somebody else's, or a full disk: the command says so itself where it matters to it.
    if (existsSync(partial)) rmSync(partial);
    return false;
  }
}

/** Packages of many files, of which one is made, with what is used of it: they start in a half to a third of the time. */
const used = {
  "@kubernetes/client-node": "{ HttpMethod, KubeConfig, RequestContext }",
  execa: "*",
  yaml: "*",
  zod: "*",
};
const made = new Map();
function inOneFile(name, resolved) {
  const within = path.join("node_modules", name);
  const folder = resolved.slice(0, resolved.lastIndexOf(within) + within.length);
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

process.setSourceMapsEnabled(true);
Module.enableCompileCache?.(path.join(kept, "v8"));
Module._extensions[".ts"] = (loaded, filename) => loaded._compile(javaScript(filename), filename);
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const resolved = resolve.call(this, request, parent, ...rest);
  if (!Object.hasOwn(used, request) || !isOwn(parent ?? {})) return resolved;
  // Once, also where nothing can be kept.
  if (!made.has(request)) made.set(request, inOneFile(request, resolved));
  return made.get(request);
};
