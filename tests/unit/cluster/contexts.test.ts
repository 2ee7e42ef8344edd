import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { contextProblem } from "../../../components/cluster/contexts";
import { temporaryFolder } from "../local/temporary";

describe("the context that a stack names", () => {
  const folder = temporaryFolder();
  const kubeconfig = (...names: string[]): string => {
    const file = path.join(folder(), names.join("-"));
    writeFileSync(file, stringify({ contexts: names.map((name) => ({ name, context: {} })) }));
    return file;
  };

  it("is right where the stack's kubeconfig has it", () => {
    assert.equal(contextProblem({ context: "dev", kubeconfig: kubeconfig("prod", "dev") }, {}), undefined);
  });

  it("is a mistake where it has not, told with those that there are", () => {
    const file = kubeconfig("prod", "dev");
    assert.equal(
      contextProblem({ context: "gone", kubeconfig: file }, {})?.reason,
      `'kubeContext' (gone) must be a context of ${file}, which has prod, dev; set it with \`pulumi config set kubeContext <context>\`.`,
    );
  });

  it("is looked for in each file of $KUBECONFIG", () => {
    const env = { KUBECONFIG: [kubeconfig("a"), kubeconfig("b")].join(path.delimiter) };
    assert.equal(contextProblem({ context: "b" }, env), undefined);
    assert.match(contextProblem({ context: "c" }, env)?.reason ?? "", /which has a, b;/);
  });

  it("is a mistake where the file is no kubeconfig", () => {
    const file = path.join(folder(), "broken");
    writeFileSync(file, "{ contexts: [");
    assert.match(contextProblem({ context: "dev", kubeconfig: file }, {})?.reason ?? "", /which has none;/);
  });

  it("is left to the provider where there is no kubeconfig at all", () => {
    assert.equal(contextProblem({ context: "dev" }, { KUBECONFIG: path.join(folder(), "none") }), undefined);
  });
});
