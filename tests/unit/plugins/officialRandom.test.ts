import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { officialPlugin, plugins } from "../../../local/plugins/official";
import { revealMap, Secret, type ValueMap } from "../../../local/plugins/shared/wire";
import { Provider } from "./provider";

interface Seen {
  type: string;
  given: ValueMap;
  inputs: ValueMap;
  outputs: ValueMap;
  secret: string[];
  diffs: { news: ValueMap; replaces: string[] }[];
  unchanged: Record<string, ValueMap>;
}

const seen = parse(readFileSync(path.join(__dirname, "officialRandom.yaml"), "utf8")) as Seen;
const urn = `urn:pulumi:test::test::${seen.type}::key`;
const ofTheOfficialOne = ["__meta", "__pulumi_raw_state_delta", "bcryptHash"];

const who: readonly [string, () => Promise<Provider | undefined>][] = [
  ["the stand-in for the random provider", () => Provider.standIn("random")],
  // Where it is installed, so that what is written down of it stays true.
  [
    "the official random provider",
    async () => {
      const command = await officialPlugin(plugins.random);
      return command === undefined ? undefined : Provider.start(command, []);
    },
  ],
];

for (const [name, start] of who) {
  describe(name, () => {
    let provider: Provider | undefined;
    before(async function () {
      provider = await start();
      await provider?.configure("random", {});
      if (!provider) this.skip();
    });
    after(() => provider?.end());

    it("records the inputs that the program gives, and no default", async () => {
      assert.deepEqual(await provider?.check(urn, seen.given), seen.inputs);
    });

    it("records outputs with the defaults, and finds no change to them but where one is asked for", async () => {
      const { id, state: marked } = (await provider?.create(urn, seen.inputs))!;
      const state = revealMap(marked);
      const secret = Object.keys(marked).filter((key) => marked[key] instanceof Secret);
      // The stand-in makes no hash of what nobody may read.
      assert.deepEqual(
        secret.sort(),
        seen.secret.filter((key) => key in state),
      );
      assert.equal("bcryptHash" in state, name.startsWith("the official"));
      assert.equal(id, "none");
      assert.match(state["result"] as string, /^[A-Za-z0-9]{40}$/);
      const told = Object.entries(state).filter(([key]) => key !== "result" && !ofTheOfficialOne.includes(key));
      assert.deepEqual(Object.fromEntries(told), seen.outputs);
      for (const { news, replaces } of seen.diffs)
        assert.deepEqual(await provider?.replaces(urn, id, state, seen.inputs, news), replaces, JSON.stringify(news));
    });

    for (const [writer, state] of Object.entries(seen.unchanged)) {
      it(`changes nothing in a state of ${writer}`, async () => {
        // Its inputs were either what was given or, as an older stand-in wrote them, the whole state.
        for (const oldInputs of [seen.inputs, state])
          assert.deepEqual(await provider?.replaces(urn, "none", state, oldInputs, seen.inputs), []);
      });
    }
  });
}
