/** States go from the official plugins to the stand-ins and back: nothing is changed, replaced or deleted by whoever comes second. */
import assert from "node:assert/strict";
import path from "node:path";
import { TestStack } from "../../harness/stack";
import { installPlugins } from "../../local/plugins/install";
import { officialPlugin, plugins } from "../../local/plugins/official";
import { surroundings } from "../../local/toolchain/resolve";

type Kind = "official plugins" | "stand-ins";

describe("a state of one kind of plugins", () => {
  let stack: TestStack;
  let homes: Record<Kind, string>;

  before(async function () {
    for (const plugin of [plugins.kubernetes, plugins.random]) {
      if ((await officialPlugin(plugin)) !== undefined) continue;
      console.log(`    skipped: the official ${plugin.name} ${plugin.version} is not installed here`);
      this.skip();
    }
  });

  async function start(namespace: string): Promise<void> {
    stack = await TestStack.create(namespace);
    const standIns = path.join(stack.directory, "stand-ins");
    const nothing = path.join(stack.directory, "nothing");
    const env = { PATH: "", HOME: nothing, PULUMI_HOME: nothing };
    await installPlugins(standIns, assert.fail, { ...surroundings(), env, cacheDir: nothing });
    homes = { "official plugins": String(stack.env["PULUMI_HOME"]), "stand-ins": standIns };
  }
  const use = (kind: Kind): void => void (stack.env["PULUMI_HOME"] = homes[kind]);

  async function changesNothing(): Promise<void> {
    for (const args of [[], ["--refresh"]]) {
      const { exitCode, text } = await stack.preview("--diff", "--expect-no-changes", ...args);
      assert.equal(exitCode, 0, text);
    }
    const { exitCode, text } = await stack.up("--refresh");
    assert.equal(exitCode, 0, text);
    assert.match(text, /^Resources:\n +\d+ unchanged$/m);
  }

  for (const [maker, other] of [
    ["official plugins", "stand-ins"],
    ["stand-ins", "official plugins"],
  ] as const) {
    it(`is no change to the other: ${maker}, then ${other}, then ${maker}`, async () => {
      await start(maker === "stand-ins" ? "both-kinds" : "kinds-both");
      try {
        use(maker);
        const { exitCode, text } = await stack.up();
        assert.equal(exitCode, 0, text);
        const { apiKey } = await stack.outputs();
        use(other);
        await changesNothing();
        use(maker);
        await changesNothing();
        assert.equal((await stack.outputs())["apiKey"], apiKey);
      } finally {
        await stack.remove();
      }
    });
  }
});
