/** Each fault, given to a real node as docs/local-real.md says, and what `up` calls it. */
import assert from "node:assert/strict";
import { realFaults } from "../../local/real/faults";
import { symptoms } from "../../components/symptoms";
import { nodeExpectations } from "../recorded/node";
import { chat, describeReal, type RealClone, realClone } from "./realClone";

describeReal("npm run local -- fault, on a real node", function () {
  let real: RealClone;
  before(async () => {
    real = await realClone();
  });

  for (const [name, { what, kill }] of Object.entries(realFaults)) {
    it(`${name}: ${what}`, async () => {
      const title = titleOf(name);
      try {
        assert.match(await real.local("fault", name), /meet the fault|Killed/);
        const { exitCode, text } = await real.clone.local("up", "--new-pod");
        assert.equal(exitCode, kill ? 0 : 1, text);
        const said = kill ? await afterKill(name) : text;
        assert.ok(said.includes(title), `${title} is not in\n${said}`);
      } finally {
        await real.local("fault", "none");
        if (kill && "program" in kill) await real.local();
      }
    });
  }

  /** What the commands say within the time that the cluster takes to notice. */
  async function afterKill(name: string): Promise<string> {
    assert.match(await real.local("fault", name), /^Killed/);
    const title = titleOf(name);
    for (;;) {
      const { text } = await real.shell("npm run -s ops -- status --stack local");
      if (text.includes(title)) return text;
    }
  }

  it("none: the model serves again", async () => {
    await real.local("up", "--new-pod");
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
  });
});

function titleOf(fault: string): string {
  const found = symptoms.find(({ id }) => id === nodeExpectations[fault]?.symptom);
  assert.ok(found, "tests/recorded/node/expected.yaml says what it must be called");
  return found.title;
}
