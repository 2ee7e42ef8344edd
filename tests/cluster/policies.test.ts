/** The pack behind the real CLI: what is refused, before anything is created, and what is mended. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { buildPolicies } from "../../policies/build";
import { TestStack, type Outcome } from "./stack";

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
    sentence: `container fetch: 'env.HF_HUB_OFFLINE' (absent) must be the string "0" and nothing else; set env: { name: "HF_HUB_OFFLINE", value: "0" }.`,
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

  static async create(namespace: string, mistake?: string): Promise<PolicedStack> {
    const stack = await TestStack.create(namespace, { main, project: "mistakes" });
    Object.assign(stack.env, {
      TEST_KUBECONFIG: stack.cluster.kubeconfig,
      TEST_CONTEXT: stack.cluster.context,
      TEST_NAMESPACE: namespace,
      TEST_MISTAKE: mistake,
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

  for (const { policy, mistake, sentence, mended, value } of required) {
    describe(policy, () => {
      let policed: PolicedStack;
      before(async () => {
        policed = await PolicedStack.create(`policy-${mistake}`, mistake);
      });
      after(() => policed.stack.remove());

      it("refuses at preview, from an empty state, and creates nothing", async () => {
        const { exitCode, text } = await policed.run("up", {});
        assert.notEqual(exitCode, 0, text);
        assert.ok(text.includes(sentence), text);
        assert.ok(!text.includes("can't run policy"), text);
        assert.ok(!(await policed.exists("namespace", policed.namespace)), "the namespace was created");
      });

      it("refuses the Deployment also without a preview", async () => {
        const { exitCode, text } = await policed.run("up", {}, "--skip-preview");
        assert.notEqual(exitCode, 0, text);
        assert.ok(text.includes(sentence), text);
        assert.ok(!(await policed.exists("deployment", "server")), "the Deployment was created");
      });

      it("deploys it mended when the configuration says so", async () => {
        const { exitCode, text } = await policed.run("up", { [policy]: "remediate" });
        assert.equal(exitCode, 0, text);
        assert.equal(await policed.read(mended), value);
        const tag = (await policed.read("{.spec.template.spec.containers[0].image}")).split(":").at(-1) ?? "";
        const state = await policed.stack.pulumi("stack", "export");
        assert.ok(tag.length > 0 && !state.includes(tag), "what was a secret is in the state in plain text");
      });
    });
  }

  describe("configuration and waivers", () => {
    let policed: PolicedStack;
    before(async () => {
      policed = await PolicedStack.create("policy-config");
    });
    after(() => policed.stack.remove());

    it("lets a sound program pass, in which only images are not known yet", async () => {
      const { exitCode, text } = await policed.run("preview", {});
      assert.equal(exitCode, 0, text);
      assert.ok(!text.includes("can't run policy"), text);
      assert.ok(!/\bmust\b/.test(text), text);
    });

    it("is honoured", async () => {
      const { exitCode, text } = await policed.run("preview", { "allow-slow-start": { minimumSeconds: 1200 } });
      assert.notEqual(exitCode, 0, text);
      assert.ok(text.includes("'startupProbe' (allows 720 s) must allow at least 1200 s"), text);
      const disabled = await policed.run("preview", {
        "allow-slow-start": { minimumSeconds: 1200, enforcementLevel: "advisory" },
      });
      assert.equal(disabled.exitCode, 0, disabled.text);
    });

    it("lists the waivers in force at the end", async () => {
      policed.stack.env.TEST_MISTAKE = "waived";
      const { exitCode, text } = await policed.run("preview", {});
      delete policed.stack.env.TEST_MISTAKE;
      assert.equal(exitCode, 0, text);
      const listed = `'annotation vllm-policies/waive-allow-slow-start' ("the model is tiny") must still hold`;
      assert.ok(text.includes(listed), text);
    });

    it("is refused with the key when a value is of the wrong type", async () => {
      const { exitCode, text } = await policed.run("preview", { "allow-slow-start": { minimumSeconds: "long" } });
      assert.notEqual(exitCode, 0, text);
      assert.match(text, /allow-slow-start.*minimumSeconds/s);
    });

    it("is refused with the key when a setting does not exist", async () => {
      const { exitCode, text } = await policed.run("preview", { "allow-slow-start": { minimumSecond: 60 } });
      assert.notEqual(exitCode, 0, text);
      assert.ok(text.includes("'allow-slow-start.minimumSecond' must be a setting of the policy"), text);
    });
  });

  describe("this program", () => {
    let stack: TestStack;
    before(async () => {
      stack = await TestStack.create("policy-own");
    });
    after(() => stack.remove());

    it("comes up with the pack on, and nothing is found but the floating tag", async () => {
      const { exitCode, text } = await stack.run("up", "--yes", "--non-interactive", "--policy-pack", pack);
      assert.equal(exitCode, 0, text);
      assert.ok(!text.includes("can't run policy"), text);
      const found = text.split("\n").filter((line) => / must .*; /.test(line));
      assert.ok(found.length > 0 && found.every((line) => line.includes("must be pinned")), found.join("\n"));
    });
  });
});
