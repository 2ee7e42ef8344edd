// mocha's own spec reporter, which also adds its counts and what failed to a file: the runner sums the rings from it.
const { appendFileSync } = require("node:fs");
const { reporters } = require("mocha");

/** A failed test by its whole name, and what it said first. */
function told(test) {
  const [said] = String(test.err?.message ?? "").split("\n");
  return [test.fullTitle(), said].filter(Boolean).join(": ");
}

module.exports = class CountingSpec extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      appendFileSync(
        process.env.TEST_COUNTS,
        `${JSON.stringify({ passed: passes, failed: failures, skipped: pending, failures: this.failures.map(told) })}\n`,
      );
    });
  }
};
