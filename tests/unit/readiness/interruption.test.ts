import assert from "node:assert/strict";
import { interruption, stoppedText } from "../../../components/readiness/interruption";

describe("the end of a wait by a signal", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} ends a sleep and work that hangs, with a reason`, async () => {
      const before = process.listeners(signal);
      const wait = interruption();
      const ours = process.listeners(signal).filter((listener) => !before.includes(listener));
      try {
        const sleep = wait.sleep(60_000);
        const work = wait.race(new Promise<void>(() => undefined));
        deliver(signal, ours);
        await assert.rejects(sleep, { message: stoppedText });
        await assert.rejects(work, { message: stoppedText });
      } finally {
        wait.dispose();
      }
    });
  }

  it("leaves no handler behind", () => {
    const before = process.listenerCount("SIGINT");
    interruption().dispose();
    assert.equal(process.listenerCount("SIGINT"), before);
  });
});

/** Calls the wait's own listeners; the test runner's would end the run. */
function deliver(signal: NodeJS.Signals, listeners: NodeJS.SignalsListener[]): void {
  assert.equal(listeners.length, 1);
  for (const listener of listeners) listener(signal);
}
