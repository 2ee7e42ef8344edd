/** The program's own stacks under the pack: no violation, no waiver, but for what is explained here. */
import assert from "node:assert/strict";
import { policies } from "../../policies/index";
import { judge, type Resource } from "../unit/policies/support";
import { dev, inferenceOutputs, runGateway } from "./gateway";
import { canary, runProgram, stackConfig, withKeys, type Recorded } from "./program";

const digest = `registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:${"0".repeat(64)}`;
/** The default image floats, as in the deployment that this replaces; `prod` refuses it. */
const explained = [
  "pin-image-tag: Deployment vllm-inference/vllm: 'image' (the default, :3) must be pinned; set a digest.",
];

interface Program {
  readonly says: string;
  readonly stack: string;
  readonly keys?: Record<string, string>;
  readonly finds?: readonly string[];
}
const programs: readonly Program[] = [
  { says: "local", stack: "local", finds: explained },
  { says: "dev", stack: "dev", finds: explained },
  { says: "prod with the digest that it asks for", stack: "prod", keys: { image: digest } },
  { says: "dev without root", stack: "dev", keys: { image: digest, securityMode: "restricted" } },
  {
    says: "dev without Route and key",
    stack: "dev",
    keys: { image: digest, routeEnabled: "false", apiKeyEnabled: "false" },
  },
  {
    says: "dev with two models",
    stack: "dev",
    keys: { image: digest, models: '{"vllm":{},"coder":{"modelId":"Qwen/Qwen2.5-Coder-7B-Instruct"}}' },
  },
  { says: "dev on two GPUs", stack: "dev", keys: { image: digest, tensorParallelSize: "2", sharedMemorySize: "2Gi" } },
];

describe("the program's stacks under the pack", function () {
  for (const { says, stack, keys, finds } of programs) {
    it(`finds ${finds ? "only what is explained" : "nothing"} in ${says}`, async () => {
      const config = withKeys(stackConfig(stack), { hfToken: canary, ...keys });
      const { resources } = await runProgram({ stack, config });
      const found: string[] = [];
      for (const policy of policies) {
        const sentences = await judge(policy, resources.map(registered), { stack });
        found.push(...sentences.map((sentence) => `${policy.name}: ${sentence}`));
      }
      assert.deepEqual(found, finds ?? []);
    });
  }
});

describe("the gateway's stacks under the pack", function () {
  const image = `ghcr.io/berriai/litellm-non_root:v1.108.7@sha256:${"0".repeat(64)}`;
  const stacks: readonly Pick<Program, "says" | "stack" | "keys">[] = [
    { says: "local", stack: "local" },
    { says: "dev", stack: "dev" },
    { says: "prod with the digest that it asks for", stack: "prod", keys: { image } },
  ];
  for (const { says, stack, keys = {} } of stacks) {
    it(`finds nothing in ${says}`, async () => {
      const models = { [dev.replace(/dev$/, stack)]: inferenceOutputs() };
      const { resources } = await runGateway(keys, models, { stack });
      const found: string[] = [];
      for (const policy of policies) found.push(...(await judge(policy, resources.map(registered), { stack })));
      assert.deepEqual(found, []);
    });
  }
});

function registered({ type, name, inputs, protect }: Recorded): Resource {
  return { type, name, props: inputs, protect: protect === true };
}
