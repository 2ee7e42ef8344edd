import assert from "node:assert/strict";
import { merge } from "../real/results";

const yesterday = "2026-11-29";
const today = "2026-11-30";
const earlier = [
  { test: "starts", last: { at: yesterday, passed: true, seconds: 98 } },
  { test: "was renamed", last: { at: yesterday, passed: true, seconds: 1 } },
  { test: "stops", last: { at: yesterday, passed: false, seconds: 4 } },
];

describe("what npm run test:real -- --record writes down", () => {
  it("keeps the last result of what --grep left out, or a run that was cut off", () => {
    const tests = [
      { title: "starts", state: "passed", duration: 61_400 },
      { title: "stops", state: undefined },
    ] as const;
    assert.deepEqual(merge(earlier, tests, today), [
      { test: "starts", last: { at: today, passed: true, seconds: 61 } },
      { test: "stops", last: { at: yesterday, passed: false, seconds: 4 } },
    ]);
  });

  it("says a failure also of what had passed, and of a new test that it was not run", () => {
    const tests = [
      { title: "starts", state: "failed", duration: 2000 },
      { title: "is new", state: undefined },
    ] as const;
    assert.deepEqual(merge(earlier, tests, today), [
      { test: "starts", last: { at: today, passed: false, seconds: 2 } },
      { test: "is new" },
    ]);
  });

  it("takes a skipped test for one that was not run", () => {
    assert.deepEqual(merge(earlier, [{ title: "starts", state: "pending" }], today), [earlier[0]]);
  });
});
