/** What the outputs remember of a server's answer. A simulated pod gives none, so that here a state is given one, as a real pod's `up` leaves it. */
import assert from "node:assert/strict";
import { ops } from "./opsCommand";
import { TestStack } from "../../harness/stack";

interface Exported {
  deployment: { resources: { urn: string; outputs?: Record<string, unknown> }[] };
}

const digest = (digit: string): string => `registry.example.com/vllm@sha256:${digit.repeat(64)}`;

describe("an image of which only its server tells what vLLM it holds", () => {
  const namespace = "told-version";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace, { config: { image: digest("1") } });
  });
  after(() => stack.remove());

  const told = async (): Promise<unknown> => {
    const { models } = (await stack.outputs()) as { models: Record<string, Record<string, unknown>> };
    const { vllmVersion, imageLine } = models["vllm"] ?? {};
    return { vllmVersion, imageLine };
  };

  it("is of no line that is known until a server has answered", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    assert.match(text, /vllm: which vLLM serves was not told \(its pod is simulated\); `imageLine` says/);
    assert.doesNotMatch(text, /Undefined value/);
    assert.deepEqual(await told(), { vllmVersion: undefined, imageLine: undefined });
  });

  it("is remembered with its line, and nothing else changes", async () => {
    const state = JSON.parse(await stack.pulumi("stack", "export")) as Exported;
    const component = state.deployment.resources.find(({ urn }) => urn.endsWith(":VllmInference::vllm"));
    assert.deepEqual(component?.outputs?.["image"], digest("1"));
    Object.assign(component.outputs, { vllmVersion: "0.13.0+rhai11" });
    await stack.pulumiWithInput(JSON.stringify(state), "stack", "import");
    for (const args of [[], ["--refresh"]]) {
      const { exitCode, text } = await stack.up("--expect-no-changes", ...args);
      assert.equal(exitCode, 0, text);
      assert.deepEqual(await told(), { vllmVersion: "0.13.0+rhai11", imageLine: "3.3" });
    }
    const { text } = await ops(stack, "status");
    assert.match(text, /^vLLM +0\.13\.0\+rhai11 \(line 3\.3\), as its server answered$/m);
  });

  it("is refused at preview what that vLLM lacks, with how it is known", async () => {
    stack.configure({ extraArgs: ["--performance-mode"] });
    const { exitCode, text } = await stack.preview();
    assert.notEqual(exitCode, 0);
    assert.match(text, /'extraArgs\[0\]' \(--performance-mode\) must be an argument of the image's vLLM \(line 3\.3, /);
    assert.match(text, /That the image is of line 3\.3 is what its server answered when an `up` last waited for it/);
    assert.doesNotMatch(text, /Deployment vllm-deployment|\.ts:\d+/);
  });

  it("is refused nothing where the settings say another line, or the image is another one", async () => {
    stack.configure({ imageLine: "3.5" });
    const said = await stack.preview();
    assert.equal(said.exitCode, 0, said.text);
    stack.configure({ imageLine: undefined, image: digest("2") });
    const other = await stack.preview();
    assert.equal(other.exitCode, 0, other.text);
  });
});
