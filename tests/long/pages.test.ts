import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { shownCommands } from "../../docs/generate/commands";
import { pages, root } from "../../docs/generate/pages";
import { describeReadings, others, readings } from "./reading";

describeReadings("in the first hour");

describe("the pages that are typed, and those that are not", () => {
  it("are all that show commands", () => {
    const shown = pages.filter((page) => shownCommands(page, readFileSync(path.join(root, page), "utf8")).length > 0);
    const listed = Object.values(readings)
      .flat()
      .flatMap((reading) => reading.pages);
    assert.deepEqual([...listed, ...Object.keys(others)].sort(), shown.toSorted());
  });
});
