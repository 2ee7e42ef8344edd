/**
 * Every version that the embedded cluster and its tools use. `tests/unit/local/versions.test.ts` checks that the go.mod files and
 * package.json, which must repeat some of them, agree.
 */
export const versions = {
  /** Node for the project's commands where the one on PATH is too old. `bootstrap.mjs` reads this line as text. */
  node: "22.23.3",
  kubernetes: "1.34.2",
  /** The etcd that Kubernetes 1.34 ships with. */
  etcd: "3.6.4",
  kwok: "0.7.0",
  /** The name server of a real node. */
  coredns: "1.15.0",
  /** The Pulumi CLI that is downloaded or built. */
  pulumi: "3.276.0",
  /** The oldest one that a user may have: `requiredPulumiVersion` of both projects. */
  pulumiOldest: "3.259.0",
  /** Its host of programs in YAML. */
  pulumiYaml: "1.25.0",
  /** What `npm run check` reads the workflows with: actionlint from Go, zizmor from PyPI. */
  actionlint: "1.7.12",
  zizmor: "1.32.0",
  /** And the Python, from PyPI. */
  ruff: "0.17.6",
  /** What it scores the manifests with: checkov from PyPI, kube-score from Go. */
  checkov: "3.3.30",
  kubeScore: "1.20.0",
} as const;
