/**
 * The manifests of each stack as YAML, for reviewers: `npm run golden -- update` writes them, `npm run golden -- verify`
 * (and the test beside this file) compares. They are what the program registers under mocks, so no cluster is asked.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Document } from "yaml";
import { type Stack, type Stage, goldenFile, stacks, stages } from "./files";
import { inferenceOutputs, runGateway } from "../mocks/gateway";
import { type Recorded, type Run, canary, runProgram, stackConfig, withKeys } from "../mocks/program";

/** What a stack's file leaves to its user. */
const userKeys: Record<Stage, Record<string, string>> = {
  local: {},
  dev: {},
  prod: { image: `registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:${"0".repeat(64)}` },
};

const gatewayKeys: typeof userKeys = {
  local: {},
  dev: {},
  prod: { image: `ghcr.io/berriai/litellm-non_root:v1.108.7@sha256:${"0".repeat(64)}` },
};

export async function render(stack: Stack): Promise<string> {
  const { resources } = await run(stack);
  const documents = resources
    .filter(({ inputs }) => "apiVersion" in inputs)
    .toSorted((a, b) => a.type.localeCompare(b.type) || a.name.localeCompare(b.name))
    .map((resource) => new Document(readable(resource), { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }));
  return `# Written by \`npm run golden -- update\`.\n${documents.map((each) => `---\n${each}`).join("")}`;
}

function run(stack: Stack): Promise<Run> {
  if (stack === "restricted") return runInference("dev", { securityMode: "restricted" });
  const stage = stages.find((each) => stack.endsWith(each))!;
  return stack === stage ? runInference(stage, userKeys[stage]) : runGatewayOf(stage);
}

function runInference(stack: Stage, keys: Record<string, string>): Promise<Run> {
  return runProgram({ stack, config: withKeys(stackConfig(stack), { hfToken: canary, ...keys }) });
}

function runGatewayOf(stack: Stage): Promise<Run> {
  return runGateway(gatewayKeys[stack], { [`organization/vllm-inference/${stack}`]: inferenceOutputs() }, { stack });
}

/** The object as it is applied; secrets and what is reviewed elsewhere are shown by name. */
function readable({ inputs, protect }: Recorded): object {
  const { apiVersion, kind, metadata, data, ...rest } = inputs;
  const isSecret = kind === "Secret";
  const values = Object.entries(isSecret ? (data as { value: object }).value : (data ?? {}));
  const shown = (key: string, value: unknown): unknown => {
    if (isSecret) return "(secret)";
    return key.endsWith(".py") ? `(components/downloader/${key})` : value;
  };
  return {
    apiVersion,
    kind,
    metadata,
    ...(values.length > 0 && {
      data: Object.fromEntries(values.map(([key, value]) => [key, shown(key, value)])),
    }),
    ...withoutScriptChecksum(rest),
    ...(protect && { "(protected from deletion)": true }),
  };
}

/** The script has tests of its own; its every change need not show here. */
function withoutScriptChecksum(rest: object): object {
  const mask = (key: string, value: unknown): unknown =>
    key === "vllm-inference/script-checksum" ? "(checksum)" : value;
  return JSON.parse(JSON.stringify(rest, mask)) as object;
}

async function main(command: string | undefined): Promise<void> {
  if (command !== "update" && command !== "verify") {
    console.error("usage: npm run golden -- update | verify");
    process.exitCode = 2;
    return;
  }
  for (const stack of stacks) {
    const rendered = await render(stack);
    if (command === "update") writeFileSync(goldenFile(stack), rendered);
    else if (rendered !== readFileSync(goldenFile(stack), "utf8")) {
      console.error(
        `${goldenFile(stack)} is not what the program makes now; look at \`npm run golden -- update\` in git diff`,
      );
      process.exitCode = 1;
    }
  }
}

if (require.main === module) void main(process.argv[2]);
