import assert from "node:assert/strict";
import { Clone } from "../../harness/clone";
import { chat, describeReal, RealClone } from "./realClone";

describeReal("two clones with a real node each, side by side", function () {
  let one: RealClone;
  let other: RealClone;
  before(async () => {
    [one, other] = await Promise.all([Clone.make(), Clone.make()]).then((both) =>
      both.map((each) => new RealClone(each)),
    );
  });
  after(() => Promise.all([one.clone.remove(), other.clone.remove()]));

  it("come up at once, and answer to their own keys alone", async () => {
    await Promise.all([one, other].map((each) => each.local("--real")));
    const keys = await Promise.all(
      [one, other].map((each) => each.ask("pulumi stack output apiKey --show-secrets --stack local")),
    );
    assert.notEqual(keys[0], keys[1]);
    for (const each of [one, other]) assert.match(await each.ask(chat()), /Hello from the tiny model/);
    const foreign = `curl -sS -o /dev/null -w "%{http_code}" "$(pulumi stack output routeUrl --stack local)/v1/models" -H "Authorization: Bearer ${keys[1]}"`;
    assert.equal(await one.ask(foreign), "401");
  });

  it("one goes on when the other is ended", async () => {
    await other.local("down");
    assert.match(await one.ask(chat()), /Hello from the tiny model/);
  });
});
