import assert from "node:assert/strict";
import { canaryToken, TestStack } from "../../harness/stack";

describe("mistakes in the configuration", () => {
  const namespace = "mistakes";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace, {
      config: { pvcSize: "30 gigs", maxModelLenght: 8192, routeHost: "https://x", kubeContext: "gone" },
    });
    stack.configure({ hfToken: canaryToken });
  });
  after(() => stack.remove());

  /** A context that the kubeconfig lacks is among them: a deployment would be deleted before it could not be made anew. */
  const expected = (kubeconfig: string): string =>
    "    error: 5 mistakes in the configuration of stack 'test':\n" +
    "      - 'hfToken' must be encrypted, because it stands readable in the stack's file; set it with `pulumi config set --stack test --secret hfToken`, and revoke the token if the file with it has left this machine.\n" +
    "      - 'maxModelLenght' must be a key of this program; set 'maxModelLen' if that was meant, or remove it with `pulumi config rm --stack test maxModelLenght`.\n" +
    "      - 'pvcSize' (30 gigs) must be a Kubernetes quantity above 0; set a size such as 30Gi.\n" +
    "      - 'routeHost' (https://x) must be a DNS name, without scheme, port or path; set a host such as vllm.apps.example.com, or leave it empty.\n" +
    `      - 'kubeContext' (gone) must be a context of ${kubeconfig}, which has local; set it with \`pulumi config set --stack test kubeContext <context>\`.\n`;

  for (const command of ["preview", "up"] as const) {
    it(`stop ${command} with all of them in one message, no stack trace and no token, before anything is made`, async () => {
      const { exitCode, text } = await stack[command]();
      assert.notEqual(exitCode, 0);
      assert.ok(text.includes(expected(stack.cluster.kubeconfig)), text);
      assert.doesNotMatch(text, /^\s+at .*\.ts:/m);
      assert.ok(!text.includes(canaryToken), "the token was printed");
      await assert.rejects(stack.cluster.kubectl("get", "namespace", namespace), /NotFound/);
    });
  }

  it("leave the state empty", async () => {
    const { deployment } = JSON.parse(await stack.pulumi("stack", "export")) as {
      deployment: { resources?: { type: string }[] };
    };
    const made = (deployment.resources ?? []).filter(({ type }) => type !== "pulumi:pulumi:Stack");
    assert.deepEqual(made, []);
  });

  it("of a type are the CLI's to say, in its own words", async () => {
    stack.configure({ maxNumSeqs: "many" });
    const { exitCode, text } = await stack.preview();
    assert.notEqual(exitCode, 0);
    assert.match(text, /configuration key 'maxNumSeqs' must be of type 'integer'/);
  });
});
