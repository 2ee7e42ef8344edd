/** One model becomes several and one again, by the configuration alone: nothing of a model that stays is touched. */
import assert from "node:assert/strict";
import { objectsOf } from "./objectsOf";
import { TestStack } from "../../harness/stack";

const coder = { modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" };

describe("several models by one configuration", () => {
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("several");
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
  });
  after(() => stack.remove());

  /** Changes the configuration; what there is of before and afterwards. */
  async function become(models: Record<string, object> | undefined): Promise<{ gone: string[]; made: string[] }> {
    const was = await objectsOf(stack);
    stack.configure({ models });
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    const is = await objectsOf(stack);
    for (const [name, content] of is) if (was.has(name)) assert.equal(content, was.get(name), `${name} has changed`);
    const only = (one: Map<string, string>, other: Map<string, string>): string[] =>
      [...one.keys()].filter((name) => !other.has(name)).toSorted();
    return { gone: only(was, is), made: only(is, was) };
  }

  const coders = [
    "ConfigMap coder-downloader",
    "ConfigMap coder-published",
    "Deployment coder",
    "PersistentVolumeClaim coder-models-cache",
    "Role coder-anyuid",
    "RoleBinding coder-anyuid",
    "Route coder",
    "Secret coder-api-key",
    "Service coder",
    "ServiceAccount coder-sa",
  ];

  it("come beside the one that there was, which keeps its namespace, its token and its pod", async () => {
    assert.deepEqual(await become({ vllm: {}, coder }), { gone: [], made: coders });
  });

  it("are told by their names", async () => {
    const { models, routeUrl } = (await stack.outputs()) as {
      models: Record<string, { routeUrl: string }>;
      routeUrl?: string;
    };
    assert.equal(models["coder"]?.routeUrl, "https://coder-several.apps.local.test");
    assert.equal(models["vllm"]?.routeUrl, "https://vllm-several.apps.local.test");
    assert.equal(routeUrl, undefined);
  });

  it("go one by one, and the last one is as it was before them", async () => {
    assert.deepEqual(await become(undefined), { gone: coders, made: [] });
    const nothing = await stack.preview("--refresh", "--expect-no-changes");
    assert.equal(nothing.exitCode, 0, nothing.text);
  });
});
