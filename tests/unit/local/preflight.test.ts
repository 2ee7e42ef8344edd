import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { neededFiles, placesFor, preflight, type Place } from "../../../local/commands/preflight";
import { systemTrouble, unwritable } from "../../../shared/trouble.mjs";
import { temporaryFolder } from "./temporary";

const root = path.resolve(__dirname, "../../..");

describe("what `npm run local` looks at before anything begins", () => {
  const folder = temporaryFolder();
  const place = (given: Partial<Place> = {}): Place => ({
    folder: folder(),
    what: "The embedded cluster",
    neededMiB: 1,
    elsewhere: "clone the repository into another folder",
    unreadable: /[,":\n]/,
    ...given,
  });

  it("says nothing where nothing is lacking", () => {
    preflight([place()], neededFiles);
  });

  it("names the space that is needed and what there is", () => {
    assert.throws(
      () => preflight([place({ neededMiB: 1e9 })], neededFiles),
      /^UserError: The embedded cluster may take 1000000000 MiB in '.+', and \d+ MiB are free there; free some, or clone the repository into another folder\.$/,
    );
  });

  it("asks for neither space nor rights where it only reads", () => {
    preflight([place({ neededMiB: 0, folder: "/proc/nothing" })], neededFiles);
  });

  it("refuses a path that a tool would cut short, and says all that is lacking at once", () => {
    const message = `
  - The path '/home/x/a,b/.local' must not hold ",", which ends a path for a tool that reads it; clone the repository into another folder.
  - Only 256 files may be open at once, and the control plane needs ${neededFiles}; allow more in this shell (ulimit -n ${neededFiles}), or ask the administrator of this machine.`;
    assert.throws(() => preflight([place({ folder: "/home/x/a,b/.local" })], 256), { message });
  });

  it("takes a path with blanks and letters of any language", () => {
    preflight([place({ folder: path.join(folder(), "with späce 漢") })], neededFiles);
  });

  it("reads how many files may be open from the system", async () => {
    await execa("sh", ["-c", `ulimit -n 200 && exec "$@"`, "sh", ...script("preflight([])")], { cwd: root }).then(
      () => assert.fail("it took 200 for enough"),
      ({ stderr }: { stderr: string }) => assert.match(stderr, /^UserError: Only 200 files may be open/),
    );
  });

  it("finds what a run as another user has left deep inside", async () => {
    mkdirSync(path.join(folder(), "backend", "locks"), { recursive: true });
    chmodSync(path.join(folder(), "backend", "locks"), 0o555);
    const asked = `preflight([${JSON.stringify(place())}].map((each) => ({ ...each, unreadable: /,/ })))`;
    const [file, args] = withoutPrivilege(script(asked));
    const { stderr } = await execa(file, args, { cwd: root, reject: false });
    assert.match(stderr, /^UserError: '.+\/backend\/locks' cannot be written by \w+; allow it \(chmod -R u\+rwX /);
  });

  it("needs no right in a cache that holds every tool", () => {
    const [, cache] = placesFor([]);
    assert.equal(cache?.neededMiB, 0);
    assert.equal(placesFor(["etcd", "kwok"])[1]?.neededMiB, 200);
  });
});

describe("what a user reads of an error of the system", () => {
  const folder = temporaryFolder();
  const { username } = userInfo();

  it("names the owner of a foreign folder, and how it is given back", () => {
    const foreign = process.getuid?.() === 0 ? path.join(folder(), "it's") : "/";
    if (foreign !== "/") {
      mkdirSync(foreign);
      chownSync(foreign, 65_534, 65_534);
    }
    const owner = foreign === "/" ? 0 : 65_534;
    const given = foreign.replaceAll("'", "'\\''");
    assert.equal(
      unwritable(path.join(foreign, "not", "there"), "EACCES", "clone again"),
      `'${foreign}' cannot be written by ${username}: it belongs to user id ${owner}; give it to ${username} (sudo chown -R ${username} '${given}'), or clone again.`,
    );
  });

  it("knows a read-only file system", () => {
    assert.equal(
      unwritable(folder(), "EROFS", "let XDG_CACHE_HOME name another folder"),
      `'${folder()}' is on a read-only file system; mount it for writing, or let XDG_CACHE_HOME name another folder.`,
    );
  });

  it("knows a full disk", function () {
    if (process.platform !== "linux") this.skip(); // /dev/full is Linux's
    try {
      writeFileSync("/dev/full", "x");
      assert.fail("/dev/full took it");
    } catch (error) {
      assert.equal(systemTrouble(error), "There is no space left; free some (df -h shows how much there is).");
    }
  });

  it("knows a process that has too few files", async () => {
    const open =
      "const { openSync } = require('fs'); try { for (;;) openSync('/dev/null'); } catch (error) { fail(error); }";
    const { stdout } = await execa("sh", ["-c", `ulimit -n 200 && exec "$@"`, "sh", ...script(open)], { cwd: root });
    assert.equal(
      stdout,
      "Too few files may be open at once; allow more in this shell (ulimit -n 4096) and run the command again.",
    );
  });

  it("leaves an error of the program alone", () => {
    assert.equal(systemTrouble(new TypeError("x is undefined")), undefined);
    assert.equal(systemTrouble(undefined), undefined);
  });
});

/** A process that has loaded the two modules. */
function script(text: string): [string, ...string[]] {
  const modules = `const { preflight } = require("./local/commands/preflight"); const trouble = import("./shared/trouble.mjs");`;
  const fail = "const fail = (error) => trouble.then(({ systemTrouble }) => console.log(systemTrouble(error)));";
  const run = `try { ${text} } catch (error) { console.error(String(error)); process.exitCode = 1; }`;
  return [
    process.execPath,
    "-r",
    path.join(root, "node_modules/ts-node/register/transpile-only"),
    "-e",
    `${modules} ${fail} ${run}`,
  ];
}

/** The super-user may write anywhere; without that privilege, permissions are heeded as anybody's. */
function withoutPrivilege(command: [string, ...string[]]): [string, string[]] {
  const [file, ...args] = command;
  if (process.getuid?.() !== 0) return [file, args];
  const without = "-dac_override,-dac_read_search";
  return ["setpriv", ["--inh-caps", without, "--bounding-set", without, ...command]];
}
