import assert from "node:assert/strict";
import {
  decode,
  encode,
  hasSecret,
  hasUnknown,
  revealMap,
  Secret,
  toJson,
  Unknown,
} from "../../../local/plugins/shared/wire";

describe("plugin wire format", () => {
  const values = {
    text: "a",
    number: 1.5,
    nothing: null,
    list: [true, { deep: new Secret({ key: "hidden" }) }],
    later: new Unknown(),
    hiddenLater: new Secret(new Unknown()),
  };

  it("survives a round trip, secrets and unknowns included", () => {
    assert.deepEqual(decode(encode(values)), values);
  });

  it("finds secrets and unknowns however deep", () => {
    assert.ok(hasSecret({ a: [{ b: new Secret(1) }] }) && !hasSecret({ a: [1] }));
    assert.ok(hasUnknown({ a: new Secret([new Unknown()]) }) && !hasUnknown({ a: new Secret(1) }));
  });

  it("removes the marks of secrets, not of unknowns", () => {
    assert.deepEqual(revealMap({ a: new Secret([new Secret(1)]), b: new Unknown() }), { a: [1], b: new Unknown() });
  });

  it("sends nothing unknown to the API server", () => {
    assert.throws(() => toJson({ a: [new Unknown()] }), /an unknown value cannot be sent/);
  });

  it("refuses an asset, and says where", () => {
    const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "a" };
    assert.throws(
      () => decode(encode({ data: { file: asset } })),
      new Error("'data.file' must be plain data; assets, archives and resource references are not supported"),
    );
  });
});
