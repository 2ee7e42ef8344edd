import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, type Said } from "../../harness/clone";
import { cellPid } from "../../local/real/cell";
import { nodeLayout } from "../../local/real/layout";
import { machine, whyNoNode } from "../../local/real/requirements";
import { traces } from "./traces";

const missing = whyNoNode(machine());
const chat = JSON.stringify({
  model: "Qwen/Qwen2.5-7B-Instruct-AWQ",
  messages: [{ role: "user", content: "say hello" }],
  max_tokens: 20,
});
const namespace = "vllm-inference";

(missing === undefined ? describe : describe.skip)(
  `npm run local -- --real, in a fresh clone${missing ? ` (${missing})` : ""}`,
  function () {
    this.timeout(1_200_000);
    let clone: Clone;
    let before_: Record<string, string[]>;
    /** A line of a shell in which the Routes answer. */
    const shell = (script: string): Promise<Said> =>
      clone.run("npm", "run", "-s", "local", "--", "shell", "sh", "-c", script);
    const ask = async (script: string): Promise<string> => {
      const { exitCode, text } = await shell(script);
      assert.equal(exitCode, 0, text);
      return text;
    };
    const curl = `curl -sS "$(pulumi stack output routeUrl --stack local)/v1/chat/completions" -d '${chat}' -H "Content-Type: application/json"`;
    const key = `-H "Authorization: Bearer $(pulumi stack output apiKey --show-secrets --stack local)"`;
    const stateDir = (): string => path.join(clone.folder, ".local");
    const untilReady = async (): Promise<void> => {
      await ask(`kubectl -n ${namespace} rollout status deployment/vllm --timeout=600s`);
    };

    before(async () => {
      clone = await Clone.make();
      before_ = await traces(clone.folder);
    });
    after(() => clone.remove());

    it("ends with a URL", async () => {
      const { exitCode, text } = await clone.local("--real");
      assert.equal(exitCode, 0, text);
      assert.match(text, /routeUrl +: "https:\/\/vllm-vllm-inference\.apps\.local\.test"/);
    });

    it("answers there, to whoever has the key, with a certificate that is trusted", async () => {
      const answer = JSON.parse(await ask(`${curl} ${key}`)) as { choices: { message: { content: string } }[] };
      assert.equal(answer.choices[0]?.message.content, "Hello from the tiny model.");
      assert.match(await ask(`${curl} -o /dev/null -w "%{http_code}"`), /^401$/);
    });

    it("passes every check of the smoke test", async () => {
      assert.match(await ask("npm run -s ops -- smoke --stack local"), /\n14 passed, 0 failed$/);
    });

    it("shows logs, runs a command in the container and forwards a port", async () => {
      assert.match(await ask(`kubectl -n ${namespace} logs deployment/vllm -c server`), /Application startup complete/);
      assert.match(
        await ask(
          `kubectl -n ${namespace} exec deployment/vllm -c server -- python -c 'import vllm; print(vllm.__version__)'`,
        ),
        /0\.32\.0/,
      );
      const health =
        "curl -s -o /dev/null -w '%{http_code}' --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:18431/health";
      const forward = `kubectl -n ${namespace} port-forward deployment/vllm 18431:8000 >/dev/null & pid=$!; ${health}; kill $pid`;
      assert.match(await ask(forward), /200$/);
    });

    it("has downloaded the model from the Hub with the token, and takes it as whole after a restart of the pod", async () => {
      const hub = (): string => readFileSync(path.join(nodeLayout(stateDir()).logs, "hub.log"), "utf8");
      assert.match(hub(), /GET \/storage\/[0-9a-f]{64} 200/);
      const asked = hub().length;
      await ask(`kubectl -n ${namespace} delete pod --selector app=vllm`);
      await untilReady();
      assert.doesNotMatch(hub().slice(asked), /\/storage\/|\/resolve\//);
      assert.match(await ask(`kubectl -n ${namespace} logs deployment/vllm -c model-downloader`), /complete /);
    });

    it("grows the volume under the running pod", async () => {
      const size = `kubectl -n ${namespace} exec deployment/vllm -c server -- df --output=size -BG /models-cache | tail -1`;
      const [was] = /\d+/.exec(await ask(size)) ?? [];
      await ask(
        `kubectl -n ${namespace} patch pvc vllm-models-cache -p '{"spec":{"resources":{"requests":{"storage":"40Gi"}}}}'`,
      );
      let now = was;
      for (let tries = 0; tries < 60 && now === was; tries++) {
        await sleep(1000);
        [now] = /\d+/.exec(await ask(size)) ?? [];
      }
      assert.ok(Number(now) > Number(was) && Number(now) >= 39, `${was} GiB, then ${now} GiB`);
    });

    it("says that there is no GPU", async () => {
      const { text } = await shell("npm run -s ops -- cuda-probe --stack local");
      assert.match(text, /torch\.cuda\.is_available\(\)[^\n]*False/i);
    });

    it("goes on after the node has lost its power, with what it had", async () => {
      process.kill(cellPid(nodeLayout(stateDir()))!, "SIGKILL");
      const { exitCode, text } = await clone.local("--real");
      assert.equal(exitCode, 0, text);
      await untilReady();
      assert.match(await ask(`${curl} ${key}`), /Hello from the tiny model/);
    });

    it("leaves nothing behind after down: no process, mount, interface, control group, loop device, rule or setting", async () => {
      const { exitCode, text } = await clone.local("down");
      assert.equal(exitCode, 0, text);
      assert.deepEqual(await traces(clone.folder), before_);
    });
  },
);
