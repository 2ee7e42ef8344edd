/** Findings of the scanners against the reasons: in the form in which checkov 3.3.30 printed them for tests/golden. */
import assert from "node:assert/strict";
import { readReasons, type Reason } from "../../../docs/generate/scannerReasons";
import { checkovFindings, judge, type Finding } from "../../scan/findings";
import { stacks } from "../../golden/update";

const finding: Finding = {
  scanner: "checkov",
  check: "CKV_K8S_22",
  says: "Use read-only filesystem for containers where possible",
  object: "Deployment/vllm",
  file: "dev",
};
const reason: Reason = {
  scanner: finding.scanner,
  check: finding.check,
  says: finding.says,
  found: { "Deployment/vllm": ["dev"] },
  why: "because",
  instead: "volumes",
};

const checkov = (failed: object[], summary = { passed: 12, failed: failed.length, parsing_errors: 0 }): string =>
  JSON.stringify({ check_type: "kubernetes", results: { failed_checks: failed }, summary });
describe("what the scanner finds", () => {
  it("of checkov is each failed check, with the object and the manifest", () => {
    const deployment = {
      check_id: finding.check,
      check_name: finding.says,
      file_path: "/tests/golden/dev.yaml",
      resource: "Deployment.vllm-inference.vllm",
    };
    const pod = {
      ...deployment,
      check_id: "CKV2_K8S_6",
      resource: "Pod.vllm-inference.vllm.app-vllm.app.kubernetes.io/name-vllm",
    };
    assert.deepEqual(checkovFindings(checkov([deployment, deployment, pod])), [
      finding,
      { ...finding, check: "CKV2_K8S_6", object: "Pod/vllm" },
    ]);
  });

  it("is no success where the scanner has looked at nothing", () => {
    const nothing = { passed: 0, failed: 0, parsing_errors: 0 };
    assert.throws(() => checkovFindings(checkov([], nothing)), /looked at nothing/);
    assert.throws(() => checkovFindings(checkov([], { ...nothing, passed: 3, parsing_errors: 1 })), /could not read 1/);
  });
});

describe("findings against reasons", () => {
  it("are all right where each has its own", () => {
    assert.deepEqual(judge([finding], [reason]), []);
  });

  it("fail for a new failure, whether of a check, an object or a manifest", () => {
    for (const change of [{ check: "CKV_K8S_8" }, { object: "Job/fetch" }, { file: "prod" }, { scanner: "another" }]) {
      const [problem, ...others] = judge([finding, { ...finding, ...change }], [reason]);
      assert.match(problem ?? "", /fails for .*: mend it, or say in docs\/data\/scanners\.yaml why it stays/);
      assert.deepEqual(others, []);
    }
  });

  it("fail for a reason whose failure is gone, whether of an object or of a manifest", () => {
    const found = { "Deployment/vllm": ["dev", "prod"], "Pod/vllm": ["dev"] };
    const problems = judge([finding], [{ ...reason, found }]);
    assert.equal(problems.length, 2, problems.join("\n"));
    for (const problem of problems)
      assert.match(problem, /explains what is not found \(any more\): checkov CKV_K8S_22 .*take it out/);
  });

  it("fail for a reason in other words than the scanner's", () => {
    assert.equal(judge([finding], [{ ...reason, says: "something else" }]).length, 2);
  });

  it("fail for an entry that gives no reason", () => {
    assert.match(judge([finding], [{ ...reason, why: " " }]).join(), /gives no reason for checkov CKV_K8S_22/);
    assert.match(judge([finding], [{ ...reason, instead: "" }]).join(), /gives no reason for checkov CKV_K8S_22/);
  });
});

describe("docs/data/scanners.yaml", () => {
  it("names manifests that there are, and says of the missing NetworkPolicy that it is open", () => {
    const reasons = readReasons();
    for (const { check, found } of reasons) {
      for (const file of Object.values(found).flat())
        assert.ok((stacks as readonly string[]).includes(file), `${check}: ${file}`);
    }
    assert.match(reasons.find(({ check }) => check === "CKV2_K8S_6")?.why ?? "", /^Open: /);
  });
});
