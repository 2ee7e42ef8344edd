import assert from "node:assert/strict";
import { completed, resources } from "../../../local/plugins/random/resources";
import { reveal, type ValueMap } from "../../../local/plugins/shared/wire";

function create(type: string, inputs: ValueMap): { id: string; outputs: Record<string, string> } {
  const resource = resources[`random:index/random${type}:Random${type}`];
  if (resource === undefined) throw new Error(`no Random${type}`);
  const { id, outputs } = resource.create(completed(resource, inputs));
  return { id, outputs: reveal(outputs) as Record<string, string> };
}

describe("random stand-in", () => {
  it("makes passwords of the length and characters asked for, each another one", () => {
    const passwords = Array.from(
      { length: 20 },
      () => create("Password", { length: 40, special: false }).outputs["result"] ?? "",
    );
    assert.ok(passwords.every((password) => /^[a-zA-Z0-9]{40}$/.test(password)));
    assert.equal(new Set(passwords).size, 20);
  });

  it("keeps the minimum of each kind", () => {
    for (let i = 0; i < 20; i++) {
      const { outputs } = create("String", {
        length: 4,
        minLower: 1,
        minUpper: 1,
        minNumeric: 1,
        minSpecial: 1,
        overrideSpecial: "_",
      });
      for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /_/]) assert.match(outputs["result"] ?? "", kind);
    }
  });

  it("refuses a length that cannot hold the minimums, and no characters at all", () => {
    assert.throws(() => create("String", { length: 1, minLower: 2 }), /'length' \(1\) must be at least .* \(2\)/);
    const none = { lower: false, upper: false, numeric: false, special: false };
    assert.throws(() => create("String", { length: 1, ...none }), /at least one kind of character/);
    assert.throws(() => create("Bytes", { length: 0 }), /'length' \(0\) must be a whole number above 0/);
  });

  it("writes the same bytes in every form of an id", () => {
    const { id, outputs } = create("Id", { byteLength: 8, prefix: "p-" });
    const bytes = Buffer.from(id, "base64url");
    assert.equal(bytes.length, 8);
    assert.deepEqual(outputs, {
      id,
      b64Url: `p-${id}`,
      b64Std: `p-${bytes.toString("base64")}`,
      hex: `p-${bytes.toString("hex")}`,
      dec: `p-${BigInt(`0x${bytes.toString("hex")}`)}`,
    });
  });

  it("marks as secret what the official provider marks", () => {
    assert.deepEqual(
      Object.entries(resources).map(([type, { secret }]) => [type.split(":").at(-1), secret]),
      [
        ["RandomPassword", true],
        ["RandomString", false],
        ["RandomId", false],
        ["RandomBytes", true],
      ],
    );
  });
});
