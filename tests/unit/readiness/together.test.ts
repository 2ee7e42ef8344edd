import assert from "node:assert/strict";
import { Together } from "../../../components/readiness/together";

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the models of one program", () => {
  let models: Together;
  let told: number;
  beforeEach(() => {
    models = new Together();
    told = 0;
    models.beforeFailure(() => {
      told++;
      return Promise.resolve();
    });
  });

  /** Whether a model that is doomed has been let go. */
  function doom(name: string): { isOver: () => boolean; end: Promise<void> } {
    let over = false;
    const end = models.failed(name, soon).then(() => void (over = true));
    return { isOver: () => over, end };
  }

  it("let one that is doomed end the up once each other serves, and tell of those first", async () => {
    models.set("a", "waiting");
    models.set("b", "pending");
    const { isOver, end } = doom("a");
    await soon();
    models.set("b", "waiting");
    await soon();
    assert.deepEqual([isOver(), told, models.areOthersOpen("a")], [false, 0, true]);
    models.set("b", "served");
    await end;
    assert.deepEqual([told, models.serves("a"), models.serves("b")], [1, false, true]);
  });

  it("are told of once, however many are doomed", async () => {
    for (const name of ["a", "b"]) models.set(name, "waiting");
    await Promise.all(["a", "b"].map((name) => doom(name).end));
    assert.equal(told, 1);
  });

  it("wait for nothing where another operation has failed: the engine begins nothing more", async () => {
    models.set("a", "waiting");
    models.set("b", "pending");
    const { end } = doom("a");
    models.end();
    await end;
    assert.equal(told, 0);
  });

  it("end with one model alone at once", async () => {
    models.set("a", "waiting");
    assert.equal(models.areOthersOpen("a"), false);
    await doom("a").end;
  });
});
