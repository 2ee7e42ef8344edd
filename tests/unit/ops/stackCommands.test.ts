import assert from "node:assert/strict";
import { resolveArgs } from "../../../components/args/resolve";
import { symptom, symptoms } from "../../../components/symptoms";
import { repositoryRoot } from "../../../local/paths";
import { textFor, rowCommand, commandFor } from "../../../ops/stack/stackCommands";

const args = resolveArgs("vllm", { hfToken: "x" });
const target = {
  component: "vllm",
  namespace: "n",
  deployment: "vllm",
  claim: "c",
  downloaderContainer: "d",
  serverContainer: "s",
  securityMode: args.securityMode,
};
const stack = { name: "dev", directory: "/p", connection: { context: "dev-cluster" }, target, args };

describe("a command to be typed", () => {
  it("names its cluster and its stack, whatever others are current", () => {
    assert.equal(
      rowCommand(symptom("claim-lost"), stack),
      "kubectl --context dev-cluster delete pvc c -n n && pulumi up --refresh --stack dev",
    );
    for (const row of symptoms) {
      const text = rowCommand(row, stack) ?? "";
      // A cluster admin has a kubeconfig of their own.
      assert.equal(/\b(kubectl|oc) (?!--context dev-cluster |adm )/.test(text), false, `${row.id}: ${text}`);
      for (const [part] of text.matchAll(/\bpulumi [^&|]*/g)) assert.match(part, / --stack dev\b/, row.id);
    }
  });

  it("names them in a remedy's words, and each only once", () => {
    const text = "`pulumi refresh`, then `pulumi up`; see `kubectl get nodes`, or what kubectl says";
    const named =
      "`pulumi refresh --stack dev`, then `pulumi up --stack dev`; see `kubectl --context dev-cluster get nodes`, or what kubectl says";
    assert.equal(textFor(text, stack), named);
    assert.equal(textFor(named, stack), named);
    assert.equal(
      commandFor("pulumi config rm runtimeClassName && pulumi up --stack dev", stack),
      "pulumi config rm --stack dev runtimeClassName && pulumi up --stack dev",
    );
    for (const said of ["pulumi up --stack=prod", "pulumi refresh -s prod"]) {
      assert.equal(commandFor(said, stack), said);
      assert.equal(textFor(`\`${said}\``, stack), `\`${said}\``);
    }
  });

  it("sets of several models that of the one in question, and what all share beside them", () => {
    const models = ["chat", "coder"].map((name) => resolveArgs(name, { hfToken: "x" }));
    const coder = { ...stack, args: models[1]!, models };
    assert.equal(
      commandFor("pulumi config set maxModelLen 8192 && pulumi config rm image && pulumi up", coder),
      "pulumi config set --stack dev --path models.coder.maxModelLen 8192 && pulumi config rm --stack dev --path models.coder.image && pulumi up --stack dev",
    );
    const again = "npm run ops -- redownload --stack dev --model coder";
    assert.equal(commandFor("npm run ops -- redownload --stack dev", coder), again);
    assert.equal(commandFor(again, coder), again);
    const shared = "pulumi config set namespace other --stack dev";
    assert.equal(commandFor(shared, coder), shared);
    assert.equal(
      commandFor("pulumi config rm image --stack dev", { ...stack, models: [args] }),
      "pulumi config rm image --stack dev",
    );
    for (const row of symptoms)
      assert.doesNotMatch(
        rowCommand(row, coder) ?? "",
        /config (set|rm) (?!.*(models\.coder\.|--secret hfToken))/,
        row.id,
      );
  });

  it("is one only between backticks: what else a text says is nobody's command", () => {
    const text =
      "Users of oc get nothing, and pulumi up stops there; `oc login` and `oc adm cordon n` are typed as they are.";
    assert.equal(textFor(text, stack), text);
    const command =
      /\b(kubectl|oc|pulumi) (annotate|config|create|delete|describe|edit|get|logs|refresh|rollout|scale|up)\b/;
    for (const { id, remedy } of symptoms) assert.doesNotMatch(remedy.replaceAll(/`[^`]*`/g, ""), command, id);
  });

  it("is one that a shell takes as it stands", () => {
    const connection = { context: "my $& cluster", kubeconfig: "/home/o'b/config" };
    assert.equal(
      commandFor("oc new-project n", { ...stack, connection }),
      "oc --kubeconfig '/home/o'\\''b/config' --context 'my $& cluster' new-project n",
    );
  });

  it("of the embedded cluster brings its tools and its backend along", () => {
    const local = { ...stack, name: "local", directory: repositoryRoot };
    const own = 'settings=$(npm run -s local -- env) && eval "$settings" && ';
    assert.equal(commandFor("pulumi cancel --stack local", local), `${own}pulumi cancel --stack local`);
    assert.equal(commandFor("kubectl get nodes", local), `${own}kubectl --context dev-cluster get nodes`);
    assert.equal(commandFor("npm run ops -- logs --stack local", local), "npm run ops -- logs --stack local");
  });
});
