import assert from "node:assert/strict";
import { GiB } from "../../../components/capacity/memory";
import { ours, published } from "../../../docs/generate/publishedFigures";

describe("the fit, against outcomes that others have published", () => {
  it("has at least 12 combinations of model, GPU and context, some of which were refused", () => {
    const named = published.filter((row) => row.gpu !== undefined);
    assert.ok(new Set(named.map((row) => ours(row).name)).size >= 12);
    assert.ok(named.filter((row) => row.outcome === "refused").length >= 5);
    assert.ok(named.filter((row) => row.outcome === "starts").length >= 5);
  });

  it("is not only tested on what its ranges were set by", () => {
    assert.ok(published.filter((row) => !row.calibrates).length >= 8);
  });

  it("has a KV figure for every kind of attention", () => {
    const kinds = published.map(ours).filter(({ kvError }) => kvError !== undefined);
    assert.deepEqual(new Set(kinds.map(({ attention }) => attention)), new Set(["full", "sliding", "latent"]));
  });

  for (const row of published) {
    const { name, kvError, fit } = ours(row);
    if (kvError !== undefined) {
      it(`${name}: KV bytes within 3 %`, () => {
        assert.ok(Math.abs(kvError) <= 0.03, `${(kvError * 100).toFixed(2)} %`);
      });
    }
    if (fit && row.outcome === "refused") {
      it(`${name}: never "fits", because it was refused`, () => assert.notEqual(fit.verdict, "fits"));
    }
    if (fit && row.outcome === "starts") {
      it(`${name}: not refused, because it started`, () => assert.notEqual(fit.verdict, "exceeds"));
    }
    const available = row.available;
    if (fit && available !== undefined) {
      it(`${name}: the published memory for the KV cache lies in the computed range`, () => {
        const bytes = Math.max(0, available * GiB);
        const rounding = 0.01 * GiB;
        assert.ok(
          bytes >= fit.kvAvailable.least - rounding,
          `${available} GiB, at least ${fit.kvAvailable.least / GiB}`,
        );
        assert.ok(bytes <= fit.kvAvailable.most + rounding, `${available} GiB, at most ${fit.kvAvailable.most / GiB}`);
      });
    }
  }
});
