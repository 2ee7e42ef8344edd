import assert from "node:assert/strict";
import { placed, type Room, roomText, type Wish } from "../../../components/readiness/room";

const resource = "nvidia.com/gpu";
const wish = (name: string, gpus: number, seats: Record<string, number>, runsOn?: string): Wish => ({
  name,
  gpus,
  resource,
  seats: Object.entries(seats).map(([node, count]) => ({ node, gpus: count })),
  ...(runsOn !== undefined && { runsOn }),
});
const room = (wishes: Wish[], more: Partial<Room> = {}): Room => ({
  wishes,
  held: [],
  leaving: [],
  startSeconds: {},
  scaling: false,
  ...more,
});

describe("the room for all models together", () => {
  it("is found where one way of placing them fits, however they are named", () => {
    const nodes = { one: 4, two: 2 };
    assert.equal(placed([wish("a", 1, nodes), wish("b", 2, nodes), wish("c", 3, nodes)], []), true);
    assert.equal(placed([wish("a", 2, nodes), wish("b", 4, { one: 4 })], []), true);
    assert.equal(placed([wish("a", 3, nodes), wish("b", 3, nodes)], []), false, "6 GPUs, but not 3 on both");
  });

  it("leaves those that run where they are", () => {
    const nodes = { one: 2, two: 2 };
    assert.equal(placed([wish("a", 1, nodes, "one"), wish("b", 1, nodes, "two"), wish("c", 2, nodes)], []), false);
    assert.equal(placed([wish("a", 1, nodes, "one"), wish("b", 1, nodes, "one"), wish("c", 2, nodes)], []), true);
  });

  it("is given up where the search would take too long, which says nothing", () => {
    const nodes = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`n${index}`, 3]));
    const many = Array.from({ length: 13 }, (_, index) => wish(`m${index}`, 2, nodes));
    assert.equal(placed(many, []), undefined);
    assert.equal(roomText(room(many)), undefined);
  });

  it("is no matter while all fit, with one model alone, or where no node would take one", () => {
    assert.equal(roomText(room([wish("a", 1, { n: 2 }), wish("b", 1, { n: 2 })])), undefined);
    assert.equal(roomText(room([wish("a", 4, { n: 2 })])), undefined);
    assert.equal(roomText(room([wish("a", 1, { n: 1 }), wish("b", 1, {})])), undefined);
  });

  it("is said to lack, with what is asked for, what there is and who else holds it", () => {
    const held = [{ node: "n", resource, gpus: 1, holder: "team/notebook" }];
    const text = roomText(room([wish("vllm", 1, { n: 4 }, "n"), wish("coder", 3, { n: 4 })], { held }));
    assert.equal(
      text,
      "The models ask for 4 GPUs together (vllm 1, coder 3), and there is no room for all of them at once on n (4), of which others hold some " +
        "(team/notebook 1). One of them would find no node, and `up` would fail for it. To put one in the place of another is an outage: take " +
        "that one away with an `up` of its own first.",
    );
  });

  it("is said of each kind of GPU by itself", () => {
    const amd = (name: string, gpus: number): Wish => ({ ...wish(name, gpus, { n: 3 }), resource: "amd.com/gpu" });
    const others = [wish("a", 1, { n: 2 }), wish("b", 1, { n: 2 })];
    const held = [{ node: "m", resource, gpus: 1, holder: "team/notebook" }];
    assert.match(
      roomText(room([...others, amd("c", 2), amd("d", 2)], { held })) ?? "",
      /^The models ask for 4 GPUs \(amd\.com\/gpu\) together \(c 2, d 2\), and there is no room for all of them at once on n \(3\)\. /,
    );
    assert.equal(roomText(room([...others, amd("c", 4)])), undefined, "of one model the gate tells all");
  });

  it("makes a switch an outage, which is said with how long the last start took", () => {
    const held = [{ node: "n", resource, gpus: 1, holder: "models/old-1", leaves: true }];
    const text = roomText(room([wish("new", 1, { n: 1 })], { held, leaving: [{ name: "old", startSeconds: 540 }] }));
    assert.match(
      text ?? "",
      /old holds its GPUs until the end of this `up`, so the switch is an outage: first an `up` without old, then one with the new\. The last start took: old 9 min\.$/,
    );
  });

  it("is no switch where there would be no room without the old one either", () => {
    const held = [{ node: "n", resource, gpus: 1, holder: "models/old-1", leaves: true }];
    const wishes = [wish("new", 1, { n: 1 }), wish("other", 1, { n: 1 })];
    const text = roomText(room(wishes, { held, leaving: [{ name: "old" }] }));
    assert.match(text ?? "", /take that one away with an `up` of its own first\.$/);
  });

  it("waits for nodes where something adds them", () => {
    const wishes = [wish("a", 1, { n: 1 }), wish("b", 1, { n: 1 })];
    assert.match(roomText(room(wishes, { scaling: true })) ?? "", /adds nodes on demand: `up` waits for it/);
  });
});
