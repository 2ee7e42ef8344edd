// Started by the CLI, in the folder of whoever uses the package.
const path = require("node:path");

// How this project loads its TypeScript, whatever the user's own program is written in.
require(path.join(__dirname, "..", "shared", "register.cjs"));
require("./provider").serve();
