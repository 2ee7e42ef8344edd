// node -r ./shared/register.cjs <script.ts>: how the project's own commands are loaded, so that they start at once. What swc makes of a file is kept
// beside the dependencies under a name of its content, and so is what V8 makes of that; a package is loaded when it is first used. The program
// itself, which `pulumi` runs, and the tests are loaded by ts-node. Neither checks types.
const { createHash } = require("node:crypto");
const { readFileSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { isKept, keep, kept } = require("./inOneFile.cjs");

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

process.setSourceMapsEnabled(true);
Module._extensions[".ts"] = (loaded, filename) => loaded._compile(javaScript(filename), filename);
