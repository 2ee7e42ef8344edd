import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone } from "../../harness/clone";
import { cellPid } from "../../local/real/cell";
import { nodeLayout } from "../../local/real/layout";
import { chat, describeReal, namespace, RealClone } from "./realClone";
import { traces } from "./traces";

describeReal("npm run local -- --real, in a fresh clone", function () {
  let real: RealClone;
  let nothing: Record<string, string[]>;

  before(async () => {
    real = new RealClone(await Clone.make());
    nothing = await traces(real.clone.folder);
  });
  after(() => real.clone.remove());

  it("ends with a URL", async () => {
    const { clone } = real;
    const { exitCode, text } = await clone.local("--real");
    assert.equal(exitCode, 0, text);
    assert.match(text, /routeUrl +: "https:\/\/vllm-vllm-inference\.apps\.local\.test"/);
  });

  it("answers there, to whoever has the key, with a certificate that is trusted", async () => {
    const answer = JSON.parse(await real.ask(chat())) as { choices: { message: { content: string } }[] };
    assert.equal(answer.choices[0]?.message.content, "Hello from the tiny model.");
    assert.match(await real.ask(chat({}, '-o /dev/null -w "%{http_code}"', true)), /^401$/);
  });

  it("passes every check of the smoke test", async () => {
    assert.match(
      await real.ask("npm run -s ops -- smoke --stack local"),
      /✓ chat-tool .* ping\([^]*\n\d+ passed, 0 failed/,
    );
  });

  it("is said to serve, and nothing of it to be simulated", async () => {
    const status = await real.ask("npm run -s ops -- status --stack local");
    assert.match(status, /rollout +serving/);
    assert.doesNotMatch(status, /simulated/);
  });

  it("shows logs, runs a command in the container and forwards a port", async () => {
    const logs = `kubectl -n ${namespace} logs deployment/vllm -c server`;
    assert.match(await real.ask(logs), /Application startup complete/);
    assert.match(
      await real.ask("timeout 20 npm run -s ops -- logs -f --stack local || [ $? = 124 ]"),
      /startup complete/,
    );
    const version = "python -c 'import vllm; print(vllm.__version__)'";
    assert.match(await real.ask(`kubectl -n ${namespace} exec deployment/vllm -c server -- ${version}`), /0\.32\.0/);
    const health =
      "curl -s -o /dev/null -w '%{http_code}' --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:18431/health";
    const forward = `kubectl -n ${namespace} port-forward deployment/vllm 18431:8000 >/dev/null & pid=$!; ${health}; kill $pid`;
    assert.match(await real.ask(forward), /200$/);
  });

  it("has downloaded the model from the Hub with the token, and takes it as whole after a restart of the pod", async () => {
    assert.match(real.hubLog(), /GET \/storage\/[0-9a-f]{64} 200/);
    const asked = real.hubLog().length;
    await real.ask(`kubectl -n ${namespace} delete pod --selector app=vllm`);
    await real.untilReady();
    assert.doesNotMatch(real.hubLog().slice(asked), /\/storage\/|\/resolve\//);
    assert.match(await real.ask(`kubectl -n ${namespace} logs deployment/vllm -c model-downloader`), /complete /);
  });

  // Bit 24, CAP_SYS_RESOURCE: capabilities(7). Without it a volume in use does not grow.
  const capable = (BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`) >> 24n) & 1n;
  it(`grows the volume ${capable ? "under the running pod" : "with the next start of the node"}`, async () => {
    const size = `kubectl -n ${namespace} exec deployment/vllm -c server -- df --output=size -BG /models-cache | tail -1`;
    const [was] = /\d+/.exec(await real.ask(size)) ?? [];
    await real.ask("pulumi config set pvcSize 40Gi --stack local");
    await real.local();
    if (!capable) await real.local("down").then(() => real.local());
    let now = was;
    while (now === was) {
      await sleep(1000);
      [now] = /\d+/.exec(await real.ask(size)) ?? [];
    }
    assert.ok(Number(now) > Number(was) && Number(now) >= 39, `${was} GiB, then ${now} GiB`);
  });

  it("says that there is no GPU", async () => {
    const { text } = await real.shell("npm run -s ops -- cuda-probe --stack local");
    assert.match(text, /torch\.cuda\.is_available: False/);
  });

  it("goes on after the node has lost its power, with what it had", async () => {
    process.kill(cellPid(nodeLayout(real.stateDir))!, "SIGKILL");
    await real.local("--real");
    await real.untilReady();
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
  });

  it("leaves nothing behind after down: no process, mount, interface, control group, loop device, rule or setting", async () => {
    await real.local("down");
    assert.deepEqual(await traces(real.clone.folder), nothing);
  });
});
