/** Findings of the scanners against the reasons: in the form in which checkov 3.3.30 and kube-score 1.20.0 printed them for tests/golden. */
import assert from "node:assert/strict";
import { readReasons, type Reason } from "../../../docs/generate/scannerReasons";
import { checkovFindings, judge, kubeScoreFindings, type Finding } from "../../scan/findings";
import { stacks } from "../../golden/files";

const finding: Finding = {
  scanner: "checkov",
  check: "CKV_K8S_22",
  says: "Use read-only filesystem for containers where possible",
  object: "Deployment/vllm",
  file: "dev",
};
const check = {
  scanner: finding.scanner,
  check: finding.check,
  says: finding.says,
  found: { "Deployment/vllm": ["dev"] },
};
const reason: Reason = { checks: [check], why: "because", instead: "volumes" };

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

  /** What kube-score says of a check with this grade. */
  const scored = (id: string, grade: number, skipped = false) => ({
    check: { name: id.toUpperCase(), id, target_type: "Pod", comment: "", optional: false },
    grade,
    skipped,
    comments: [],
  });
  const kubeScore = (...checks: object[]): string =>
    JSON.stringify([
      {
        object_name: "Deployment/apps/v1/vllm-inference/vllm",
        type_meta: { kind: "Deployment", apiVersion: "apps/v1" },
        object_meta: { name: "vllm", namespace: "vllm-inference" },
        checks,
        file_name: "/tests/golden/dev.yaml",
        file_row: 1,
      },
    ]);

  it("of kube-score is each check that is not all right, a warning too, but none that it skips", () => {
    const printed = kubeScore(
      scored("pod-networkpolicy", 1),
      scored("deployment-replicas", 5),
      scored("pod-probes", 7),
      scored("pod-probes-identical", 1, true),
      scored("service-type", 10),
    );
    const expected = ["pod-networkpolicy", "deployment-replicas", "pod-probes"].map((id) => ({
      scanner: "kube-score",
      check: id,
      says: id.toUpperCase(),
      object: "Deployment/vllm",
      file: "dev",
    }));
    assert.deepEqual(kubeScoreFindings(printed, "dev"), expected);
  });

  it("is no success where kube-score has looked at nothing", () => {
    for (const nothing of ["null", "[]", kubeScore(), kubeScore(scored("service-type", 10, true))])
      assert.throws(() => kubeScoreFindings(nothing, "dev"), /looked at nothing in dev/);
  });

  it("is no success where checkov has looked at nothing", () => {
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
    const problems = judge([finding], [{ ...reason, checks: [{ ...check, found }] }]);
    assert.equal(problems.length, 2, problems.join("\n"));
    for (const problem of problems)
      assert.match(problem, /explains what is not found \(any more\): checkov CKV_K8S_22 .*take it out/);
  });

  it("fail for a reason in other words than the scanner's", () => {
    assert.equal(judge([finding], [{ ...reason, checks: [{ ...check, says: "something else" }] }]).length, 2);
  });

  it("fail for an entry that gives no reason", () => {
    assert.match(judge([finding], [{ ...reason, why: " " }]).join(), /gives no reason for checkov CKV_K8S_22/);
    assert.match(judge([finding], [{ ...reason, instead: "" }]).join(), /gives no reason for checkov CKV_K8S_22/);
  });
});

describe("docs/data/scanners.yaml", () => {
  it("names manifests that there are, and says of the missing NetworkPolicy that it is open", () => {
    const reasons = readReasons();
    for (const { check, found } of reasons.flatMap(({ checks }) => checks)) {
      for (const file of Object.values(found).flat())
        assert.ok((stacks as readonly string[]).includes(file), `${check}: ${file}`);
    }
    for (const missing of ["CKV2_K8S_6", "pod-networkpolicy"]) {
      const reason = reasons.find(({ checks }) => checks.some(({ check }) => check === missing));
      assert.match(reason?.why ?? "", /^Open: /, missing);
    }
  });
});
