import assert from "node:assert/strict";
import { canaryToken, TestStack } from "./stack";

describe("mistakes in the configuration", () => {
  const namespace = "mistakes";
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create(namespace, {
      config: { pvcSize: "30 gigs", maxModelLenght: 8192, routeHost: "https://x" },
    });
  });
  after(() => stack.remove());

  const expected =
    "    error: 3 mistakes in the configuration of stack 'test':\n" +
    "      - 'maxModelLenght' must be a key of this program; set 'maxModelLen' if that was meant, or remove it with `pulumi config rm --stack test maxModelLenght`.\n" +
    "      - 'pvcSize' (30 gigs) must be a Kubernetes quantity above 0; set a size such as 30Gi.\n" +
    "      - 'routeHost' (https://x) must be a DNS name, without scheme, port or path; set a host such as vllm.apps.example.com, or leave it empty.\n";

  for (const command of ["preview", "up"] as const) {
    it(`stop ${command} with all of them in one message and no stack trace, before anything is made`, async () => {
      const { exitCode, text } = await stack[command]();
      assert.notEqual(exitCode, 0);
      assert.ok(text.includes(expected), text);
      assert.doesNotMatch(text, /^\s+at .*\.ts:/m);
      const { deployment } = JSON.parse(await stack.pulumi("stack", "export")) as {
        deployment: { resources?: { type: string }[] };
      };
      const made = (deployment.resources ?? []).filter(({ type }) => type !== "pulumi:pulumi:Stack");
      assert.deepEqual(made, []);
      await assert.rejects(stack.cluster.kubectl("get", "namespace", namespace), /NotFound/);
    });
  }

  it("of a type are the CLI's to say, in its own words", async () => {
    stack.configure({ maxModelLenght: undefined, pvcSize: undefined, routeHost: undefined, maxNumSeqs: "many" });
    const { exitCode, text } = await stack.preview();
    assert.notEqual(exitCode, 0);
    assert.match(text, /configuration key 'maxNumSeqs' must be of type 'integer'/);
  });

  it("that name a context which the kubeconfig lacks: a deployment would be deleted before it could not be made anew", async () => {
    stack.configure({ maxNumSeqs: undefined, kubeContext: "gone" });
    const { exitCode, text } = await stack.preview();
    stack.configure({ kubeContext: stack.cluster.context });
    assert.notEqual(exitCode, 0);
    assert.match(text, /'kubeContext' \(gone\) must be a context of \S+, which has local; set it with /);
  });

  it("that show a token: a plaintext one is refused with the command that mends it, and not printed", async () => {
    stack.configure({ maxNumSeqs: undefined, hfToken: canaryToken });
    const { exitCode, text } = await stack.preview();
    assert.notEqual(exitCode, 0);
    assert.match(text, /'hfToken' must be encrypted, .* `pulumi config set --stack test --secret hfToken`/);
    assert.ok(!text.includes(canaryToken));
  });
});
