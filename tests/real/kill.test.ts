import assert from "node:assert/strict";
import { execa } from "execa";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone } from "../../harness/clone";
import { machine, whyNoNode } from "../../local/real/requirements";
import { traces } from "./traces";

const missing = whyNoNode(machine());
const points = 10;

(missing === undefined ? describe : describe.skip)(
  `npm run local -- --real, killed at ${points} points${missing ? ` (${missing})` : ""}`,
  function () {
    this.timeout(1_200_000);
    let clone: Clone;
    let nothing: Record<string, string[]>;
    /** How long a start takes until pulumi runs, in milliseconds: the points are spread over it. */
    let whole = 20_000;

    before(async () => {
      clone = await Clone.make();
      nothing = await traces(clone.folder);
      const began = Date.now();
      await run(Number.POSITIVE_INFINITY, /updating|Updating/i);
      whole = Date.now() - began;
      await clone.local("down");
    });
    after(() => clone.remove());

    /** Starts it in a process group of its own, and kills the group after so many milliseconds or at that text. */
    async function run(milliseconds: number, text?: RegExp): Promise<void> {
      const child = execa("npm", ["run", "--silent", "local", "--", "--real"], { ...clone.options, detached: true });
      let said = "";
      let ended = false;
      void child.finally(() => (ended = true));
      child.all.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const deadline = Date.now() + Math.min(milliseconds, 300_000);
      while (Date.now() < deadline && !text?.test(said) && !ended) await sleep(50);
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // it has ended by itself
      }
      await child;
    }

    for (let point = 0; point < points; point++) {
      it(`after ${point + 0.5} tenths of its start leaves nothing that down does not take away`, async () => {
        await run((whole * (point + 0.5)) / points);
        const { exitCode, text } = await clone.local("down");
        assert.equal(exitCode, 0, text);
        assert.deepEqual(await traces(clone.folder), nothing);
      });
    }
  },
);
