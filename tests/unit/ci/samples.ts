import type { Change, PreviewReport } from "../../../ci/report";

export const report: PreviewReport = {
  stack: "dev",
  base: { commit: "0123456789abcdef", state: "deployed", notes: [] },
  changes: [],
  outputs: [],
  losses: [],
  policies: { packs: ["vllm-policies"], findings: [] },
  notes: [],
  errors: [],
};

export const deployment = (...paths: string[]): Change => ({
  operation: "update",
  kind: "Deployment",
  name: "vllm",
  fields: paths.map((path) => ({ path, before: "a", after: "b" })),
});
