import assert from "node:assert/strict";
import { gibibytes, parseQuantity, sameQuantity } from "../../../components/text/quantity";

describe("quantities", () => {
  const quantities: [string, number | undefined][] = [
    ["30Gi", 30 * 2 ** 30],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["500m", 0.5],
    ["2", 2],
    ["1e3", 1000],
    ["3E", 3e18],
    [".5", 0.5],
    ["10k", 10_000],
    ["30 GB", undefined],
    ["30gi", undefined],
    ["30GB", undefined],
    ["-1Gi", undefined],
    ["+1Gi", undefined],
    [".5Gi", 512 * 1024 ** 2],
    ["1.5Ki", 1536],
    ["3e10", 3e10],
    ["34359738368000m", 32 * 1024 ** 3],
    ["9007199254740991", 9_007_199_254_740_991],
    ["1e999999999", 1e40],
    ["Gi", undefined],
    ["", undefined],
    [" 1Gi", undefined],
  ];
  for (const [text, amount] of quantities) {
    it(`reads '${text}' as ${amount === undefined ? "no quantity" : `the quantity ${amount}`}`, () => {
      assert.equal(parseQuantity(text), amount);
    });
  }

  it("are the same however they are written", () => {
    for (const [one, other] of [
      ["1024Mi", "1Gi"],
      [2, "2"],
      ["500m", ".5"],
      ["1e3", "1k"],
      ["-1", "-1000m"],
    ])
      assert.ok(sameQuantity(one, other), `${one} and ${other}`);
    for (const [one, other] of [
      ["1G", "1Gi"],
      ["x", "x"],
      [null, null],
    ])
      assert.ok(!sameQuantity(one, other), `${one} and ${other}`);
  });

  it("are told in GiB", () => {
    assert.equal(gibibytes(16.04 * 1024 ** 3), "16.0 GiB");
  });
});
