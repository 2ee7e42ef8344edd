/** The old script's deployment, as it runs on a real node, taken into a stack. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inference } from "../../local/pulumi/stack";
import { chat, describeReal, type RealClone, realClone } from "./realClone";

const namespace = "old";
const stack = "old";
const token = inference.madeUp?.value ?? "";
const objects = path.join(__dirname, "../long/objects/oldDeployment.yaml");

/** What the stand-in for the image lacks, and this node's Hub with its token; all else is as the script made it. */
function forThisNode(text: string, hub: string): string {
  const offline = '- { name: HF_HUB_OFFLINE, value: "0" }';
  const changes: Readonly<Record<string, string>> = {
    aGZfb2xkT2xkT2xkT2xkT2xkT2xkT2xkT2xkT2xkT2xkT2xk: Buffer.from(token).toString("base64"),
    "huggingface-cli download": "python -m huggingface_hub.cli.hf download",
    [offline]: `${offline}\n            - { name: HF_ENDPOINT, value: "${hub}" }`,
  };
  for (const [from, to] of Object.entries(changes)) {
    assert.ok(text.includes(from), from);
    text = text.replaceAll(from, to);
  }
  return text;
}

describeReal("ops import, on a real node", function () {
  let real: RealClone;
  let hub: string;
  const kubectl = (line: string): Promise<string> => real.ask(`kubectl -n ${namespace} ${line}`);
  const uidOf = (what: string): Promise<string> => kubectl(`get ${what} -o 'jsonpath={.items[*].metadata.uid}'`);
  const pods = "pods -l app=vllm";
  const claims = "pvc";

  before(async () => {
    real = await realClone();
    hub = (await real.ask("pulumi config get hfEndpoint --stack local")).trim();
    const metadata = { name: "nvidia" };
    const runtimeClass = { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata, handler: "runc" };
    const file = path.join(real.clone.home, "old.yaml");
    writeFileSync(file, `${JSON.stringify(runtimeClass)}\n---\n${forThisNode(readFileSync(objects, "utf8"), hub)}`);
    await real.ask(`kubectl create namespace ${namespace}`);
    await kubectl(`apply --validate=false -f ${file}`);
    // Of the node's two GPUs the probe would take the one that the pod gives back when it is replaced.
    await kubectl("delete pod cuda-probe");
    await kubectl("rollout status deployment/vllm --timeout=900s");
  });

  it("finds the old deployment serving, without a key", async () => {
    const url = `https://$(kubectl -n ${namespace} get route vllm -o 'jsonpath={.spec.host}')/v1/models`;
    assert.match(await real.ask(`curl -sS ${url}`), /Qwen2.5-7B-Instruct-AWQ/);
  });

  it("takes it into a stack without touching the pod or the claim", async () => {
    const before_ = [await uidOf(pods), await uidOf(claims)];
    const config: Readonly<Record<string, string>> = {
      kubeContext: "local",
      kubeconfig: path.join(real.stateDir, "kubeconfig"),
      gpuModel: "A10G",
      hfEndpoint: hub,
      namespace,
    };
    const set = Object.entries(config).map(([name, value]) => `pulumi config set ${name} ${value} --stack ${stack}`);
    await real.ask(
      [`pulumi stack init ${stack}`, ...set, `pulumi config set --secret hfToken ${token} --stack ${stack}`].join(
        " && ",
      ),
    );
    await real.ask(`npm run -s ops -- import --yes --stack ${stack}`);
    assert.deepEqual([await uidOf(pods), await uidOf(claims)], before_);
  });

  it("is followed by an up that starts another pod with the model as it was downloaded", async () => {
    const [pod, claim] = [await uidOf(pods), await uidOf(claims)];
    const asked = real.hubLog().length;
    const up = `pulumi up --yes --skip-preview --stack ${stack} --policy-pack policies`;
    assert.match(await real.ask(up), /~ 7 updated/);
    assert.doesNotMatch(real.hubLog().slice(asked), /\/storage\//);
    assert.notEqual(await uidOf(pods), pod);
    assert.equal(await uidOf(claims), claim);
    assert.match(await real.ask(chat({}, "", false, stack)), /Hello from the tiny model/);
    assert.match(await real.ask(`npm run -s ops -- smoke --stack ${stack}`), /, 0 failed/);
  });
});
