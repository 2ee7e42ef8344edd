/**
 * The pack behind the real CLI: what is refused, before anything is created, and what is mended. That this program comes up with the pack on
 * is tried in template.test.ts.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { buildPolicies } from "../../policies/build";
import { TestStack, type Outcome } from "../../harness/stack";

const root = path.resolve(__dirname, "../..");
const pack = path.join(root, "policies");
const main = path.join(__dirname, "programs/mistakes");

const required = [
  {
    policy: "require-recreate",
    mistake: "recreate",
    sentence: `'spec.strategy.type' (absent) must be "Recreate", because it serves vLLM and its GPU is free only when the old pod is gone; set strategy: { type: "Recreate" }.`,
    mended: "{.spec.strategy.type}",
    value: "Recreate",
  },
  {
    policy: "require-service-links-disabled",
    mistake: "service-links",
    sentence:
      "'spec.template.spec.enableServiceLinks' (absent) must be false, and absent means true; set enableServiceLinks: false.",
    mended: "{.spec.template.spec.enableServiceLinks}",
    value: "false",
  },
  {
    policy: "require-hf-hub-online",
    mistake: "hub",
    sentence: `container fetch (downloads, because its command runs \`hf download\`): 'env.HF_HUB_OFFLINE' (absent) must be the string "0" and nothing else; set env: { name: "HF_HUB_OFFLINE", value: "0" }.`,
    mended: `{.spec.template.spec.initContainers[0].env[?(@.name=="HF_HUB_OFFLINE")].value}`,
    value: "0",
  },
];

/** A stack of the program with mistakes, whose other policies are not what these tests are about. */
class PolicedStack {
  private constructor(
    readonly stack: TestStack,
    readonly namespace: string,
  ) {}

  static async create(namespace: string, ...mistakes: readonly string[]): Promise<PolicedStack> {
    const stack = await TestStack.create(namespace, { main, project: "mistakes" });
    Object.assign(stack.env, {
      TEST_KUBECONFIG: stack.cluster.kubeconfig,
      TEST_CONTEXT: stack.cluster.context,
      TEST_NAMESPACE: namespace,
      TEST_MISTAKES: mistakes.join(),
    });
    return new PolicedStack(stack, namespace);
  }

  run(command: "preview" | "up", config: object, ...args: readonly string[]): Promise<Outcome> {
    const file = path.join(this.stack.directory, "policy-config.json");
    const others = { "require-rhaiis-image": { allowedImages: ["registry.example/*"] } };
    writeFileSync(file, JSON.stringify({ ...others, ...config }));
    const all = ["--non-interactive", "--policy-pack", pack, "--policy-pack-config", file, ...args];
    return this.stack.run(command, ...(command === "up" ? ["--yes"] : []), ...all);
  }

  async read(jsonPath: string): Promise<string> {
    return this.stack.cluster.kubectl(
      "-n",
      this.namespace,
      "get",
      "deployment",
      "server",
      "-o",
      `jsonpath=${jsonPath}`,
    );
  }

  async exists(kind: string, name: string): Promise<boolean> {
    const where = ["-n", this.namespace, "get", kind, name, "--ignore-not-found", "-o", "name"];
    return (await this.stack.cluster.kubectl(...where)) !== "";
  }
}

describe("the policy pack on a real preview", () => {
  before(buildPolicies);

  describe("of a program with a mistake for each policy that no waiver lifts", () => {
    const [namespace, config] = ["policy-mistakes", { "allow-slow-start": { minimumSecond: 60 } }];
    let policed: PolicedStack;
    before(async () => {
      policed = await PolicedStack.create(namespace, ...required.map(({ mistake }) => mistake));
    });
    after(() => policed.stack.remove());

    /** Each by a policy that is mandatory, which is enough to refuse the program. */
    function assertRefused({ exitCode, text }: Outcome): void {
      assert.notEqual(exitCode, 0, text);
      for (const { policy, sentence } of required) {
        const [level, , found = ""] = text.slice(text.indexOf(`[mandatory]  ${policy} `)).split("\n");
        assert.match(level ?? "", /^\[mandatory\] .*: server\)$/, text);
        assert.ok(found.endsWith(sentence), text);
      }
      assert.ok(!text.includes("can't run policy"), text);
    }

    it("refuses all of them at preview, from an empty state, and creates nothing", async () => {
      const outcome = await policed.run("up", config);
      assertRefused(outcome);
      assert.ok(!(await policed.exists("namespace", namespace)), "the namespace was created");
      const misspelt = "'allow-slow-start.minimumSecond' must be a setting of the policy";
      assert.ok(outcome.text.includes(misspelt), "a setting that does not exist is told with its key");
    });

    it("refuses the Deployment also without a preview", async () => {
      const outcome = await policed.run("up", {}, "--skip-preview");
      assertRefused(outcome);
      assert.ok(!(await policed.exists("deployment", "server")), "the Deployment was created");
    });

    it("deploys it mended when the configuration says so", async () => {
      const remediate = Object.fromEntries(required.map(({ policy }) => [policy, "remediate"]));
      const { exitCode, text } = await policed.run("up", remediate);
      assert.equal(exitCode, 0, text);
      for (const { mended, value } of required) assert.equal(await policed.read(mended), value);
      const tag = (await policed.read("{.spec.template.spec.containers[0].image}")).split(":").at(-1) ?? "";
      const state = await policed.stack.pulumi("stack", "export");
      assert.ok(tag.length > 0 && !state.includes(tag), "what was a secret is in the state in plain text");
    });
  });

  describe("with settings and waivers", () => {
    let policed: PolicedStack;
    before(async () => {
      policed = await PolicedStack.create("policy-config", "waived");
    });
    after(() => policed.stack.remove());

    it("lets a sound program pass, in which only images are not known yet, and lists the waivers in force", async () => {
      const { exitCode, text } = await policed.run("preview", {});
      assert.equal(exitCode, 0, text);
      assert.ok(!text.includes("can't run policy"), text);
      const listed = `'annotation vllm-policies/waive-allow-slow-start' ("the model is tiny") must still hold`;
      assert.deepEqual(
        text.split("\n").filter((line) => /\bmust\b/.test(line) && !line.includes(listed)),
        [],
      );
      assert.ok(text.includes(listed), text);
    });

    it("judges by a setting, and refuses nothing where a policy is made advisory", async () => {
      policed.stack.env.TEST_MISTAKES = "";
      const settings = { minimumSeconds: 1200, enforcementLevel: "advisory" };
      const { exitCode, text } = await policed.run("preview", { "allow-slow-start": settings });
      assert.equal(exitCode, 0, text);
      assert.ok(text.includes("'startupProbe' (allows 720 s) must allow at least 1200 s"), text);
    });

    it("refuses a name that no policy has, and says which may have been meant", async () => {
      const { exitCode, text } = await policed.run("preview", { "require-recreat": "advisory" });
      assert.notEqual(exitCode, 0, text);
      const sentence = `'require-recreat' must be the name of a policy; correct it, or remove it. Did you mean 'require-recreate'?`;
      assert.equal(text.split(sentence).length, 2, text);
    });

    it("is refused with the key when a value is of the wrong type", async () => {
      const { exitCode, text } = await policed.run("preview", { "allow-slow-start": { minimumSeconds: "long" } });
      assert.notEqual(exitCode, 0, text);
      assert.match(text, /allow-slow-start.*minimumSeconds/s);
    });
  });
});
