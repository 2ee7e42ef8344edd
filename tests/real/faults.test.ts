/** Each fault, given to a real node as docs/local-real.md says, and what `up` calls it. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { realFaults } from "../../local/real/faults";
import { symptoms } from "../../components/symptoms";
import { nodeExpectations } from "../recorded/node";
import { chat, describeReal, namespace, type RealClone, realClone } from "./realClone";

describeReal("npm run local -- fault, on a real node", function () {
  let real: RealClone;
  before(async () => {
    real = await realClone();
  });

  for (const [name, { what, kill }] of Object.entries(realFaults)) {
    if (kill) continue;
    it(`${name}: ${what}`, async () => {
      try {
        assert.match(await real.local("fault", name), /meet the fault/);
        const { exitCode, text } = await real.clone.local("up", "--new-pod");
        assert.equal(exitCode, 1, text);
        const title = titleOf(nodeExpectations[name]?.symptom ?? unseenByUp[name]);
        assert.ok(text.includes(title), `${title} is not in\n${text}`);
      } finally {
        await real.local("fault", "none");
      }
    });
  }

  it("none: the model serves again", async () => {
    await real.local("up", "--new-pod");
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
  });

  it("server-engine-killed: the server ends, is started again and serves", async () => {
    await real.local("fault", "server-engine-killed");
    await real.local("up", "--new-pod");
    assert.match(await real.local("fault", "server-engine-killed"), /^Killed one process/);
    const restarts = `kubectl -n ${namespace} get pods --selector app=vllm -o 'jsonpath={.items[0].status.containerStatuses[0].restartCount}'`;
    while ((await real.ask(restarts)) === "0") await sleep(1000);
    await real.untilReady();
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
    await real.local("fault", "none");
  });

  it("node-lost: is said by `status`, and mended by the next start", async () => {
    await real.local();
    assert.match(await real.local("fault", "node-lost"), /^Killed/);
    let text = "";
    while (!text.includes(titleOf("node-not-ready")))
      ({ text } = await real.shell("npm run -s ops -- status --stack local"));
    await real.local("fault", "none");
    await real.local();
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
  });
});

/** What the recording ends too early for: `up` waits for as long as the startup probe lets a model load, which a policy holds at 12 minutes. */
const unseenByUp: Readonly<Record<string, string>> = { "server-unready": "server-not-ready" };

function titleOf(symptom: string | undefined): string {
  const found = symptoms.find(({ id }) => id === symptom);
  assert.ok(found, "tests/recorded/node/expected.yaml says what it must be called");
  return found.title;
}
