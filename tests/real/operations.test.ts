/** What operators do to a model that serves, on a real node. */
import assert from "node:assert/strict";
import { chat, describeReal, namespace, type RealClone, realClone } from "./realClone";

describeReal("operations on a real node", function () {
  let real: RealClone;
  before(async () => {
    real = await realClone();
  });
  const apiKey = () => real.ask("pulumi stack output apiKey --show-secrets --stack local");
  const status = (key: string) =>
    real.ask(
      `curl -sS -o /dev/null -w "%{http_code}" "$(pulumi stack output routeUrl --stack local)/v1/models" -H "Authorization: Bearer ${key.trim()}"`,
    );

  it("finish a stream that was begun before the pod was told to end", async () => {
    // As many tokens as take it some seconds, fewer than preStopSleepSeconds; it goes on when the pod is told.
    const stream = chat({ stream: true, max_tokens: 3000, ignore_eos: true }, "-N");
    const end = `kubectl -n ${namespace} delete pod --selector app=vllm --wait=false`;
    const text = await real.ask(
      `file=$(mktemp); ${stream} > $file & while kill -0 $! && [ ! -s $file ]; do sleep 0.1; done; ${end} && kill -0 $! && wait $! && cat $file`,
    );
    assert.match(text, /"finish_reason":"length"[^]*data: \[DONE\]\s*$/);
    await real.untilReady();
  });

  it("make another API key: the old one is refused, the new one is not", async () => {
    const before_ = await apiKey();
    await real.ask("pulumi config set apiKeyRotation 2 --stack local");
    await real.local();
    const now = await apiKey();
    assert.notEqual(now, before_);
    assert.deepEqual([await status(before_), await status(now)], ["401", "200"]);
  });

  it("take another Hugging Face token, with the model on the volume as it is", async () => {
    const asked = real.hubLog().length;
    await real.ask("pulumi config set --secret hfToken hf_another-token-that-this-hub-does-not-know --stack local");
    await real.local();
    assert.doesNotMatch(real.hubLog().slice(asked), /\/storage\//);
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
    await real.ask("pulumi config set --secret hfToken hf_not-a-real-token-for-the-embedded-cluster --stack local");
    await real.local();
  });

  it("leave the model alone while another pod mounts its claim", async () => {
    const mount = JSON.stringify({
      spec: {
        containers: [
          {
            name: "look",
            image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3",
            command: ["sleep", "infinity"],
            volumeMounts: [{ name: "models", mountPath: "/models" }],
          },
        ],
        terminationGracePeriodSeconds: 1,
        volumes: [{ name: "models", persistentVolumeClaim: { claimName: "vllm-models-cache" } }],
      },
    });
    await real.ask(`kubectl -n ${namespace} run look --image=look --overrides='${mount}'`);
    await real.ask(`kubectl -n ${namespace} wait pod/look --for=condition=Ready --timeout=120s`);
    const { exitCode, text } = await real.shell("npm run -s ops -- redownload --yes --stack local");
    assert.equal(exitCode, 1, text);
    assert.match(text, /look/);
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
    await real.ask(`kubectl -n ${namespace} delete pod look`);
  });

  it("remove the model and download it again", async () => {
    const asked = real.hubLog().length;
    await real.ask("npm run -s ops -- redownload --yes --stack local");
    await real.untilReady();
    assert.match(real.hubLog().slice(asked), /GET \/storage\/[0-9a-f]{64} 200/);
    assert.match(await real.ask(chat()), /Hello from the tiny model/);
  });
});
