import assert from "node:assert/strict";
import { meets, parseExpectation, selectJsonPath } from "../../../local/plugins/kubernetes/jsonpath";

const route = {
  metadata: { uid: "u-1", labels: { "a.b/c": "x" } },
  status: {
    ingress: [
      { host: "one", conditions: [{ type: "Other", status: "True" }] },
      {
        host: "two",
        conditions: [
          { type: "Admitted", status: "False" },
          { type: "Late", status: "True", retried: false, "lasts-for": { seconds: 3 } },
        ],
      },
    ],
  },
};

describe("JSONPath of pulumi.com/waitFor", () => {
  const selections: [string, unknown[]][] = [
    [".metadata.uid", ["u-1"]],
    ["$.metadata.labels['a.b/c']", ["x"]],
    [".status.ingress[0].host", ["one"]],
    [".status.ingress[-1].host", ["two"]],
    [".status.ingress[*].host", ["one", "two"]],
    ['.status.ingress[*].conditions[?(@.type=="Admitted")].status', ["False"]],
    ['.status.ingress[*].conditions[?(@.type == "Nothing")].status', []],
    [".status.ingress[?(@.host)].host", ["one", "two"]],
    ['.status.ingress[*].conditions[?(@.type=="Late" && @.status=="True")].type', ["Late"]],
    ['.status.ingress[*].conditions[?(@.type=="Admitted" && @.status=="True")].type', []],
    [".status.nothing[0].host", []],
    [".status.ingress[-2].host", ["one"]],
    [".status.ingress[*].conditions[?(@.lasts-for.seconds==3)].type", ["Late"]],
    [".status.ingress[*].conditions[?(@.retried)].type", ["Late"]],
  ];
  for (const [path, expected] of selections) {
    it(`selects ${JSON.stringify(expected)} with ${path}`, () => {
      assert.deepEqual(selectJsonPath(path, route), expected);
    });
  }

  it("is met by existence, or by the value that is asked for", () => {
    const admitted = 'jsonpath={.status.ingress[*].conditions[?(@.type=="Admitted")].status}';
    assert.ok(meets(parseExpectation("jsonpath={.metadata.uid}"), route));
    assert.ok(meets(parseExpectation(`${admitted}=False`), route));
    assert.ok(!meets(parseExpectation(`${admitted}=True`), route));
    assert.ok(!meets(parseExpectation("jsonpath={.spec.host}"), route));
  });

  it("refuses what it cannot read, rather than wait for the wrong thing", () => {
    assert.throws(() => parseExpectation("jsonpath=.metadata.uid"), /must have the form jsonpath=\{\.path\}/);
    assert.throws(() => parseExpectation("jsonpath={..uid}"), /cannot read JSONPath \.\.uid from "\.\.uid" on/);
    assert.throws(() => parseExpectation('jsonpath={.a[?(@.b=="c" || @.d)]}'), /cannot read JSONPath/);
    assert.throws(() => meets(parseExpectation("jsonpath={.status}=True"), route), /cannot equal a text/);
  });
});
