import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { AnalyzerInfo } from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { policies } from "../../../policies/index";
import { buildPolicies } from "../../../policies/build";
import { dependencies } from "../../../policies/package.json";

const root = path.resolve(__dirname, "../../..");
const pack = path.join(root, "policies");
const entry = path.join(pack, "bin/pack.js");

/** What is bundled, and where its licence stands. */
const bundled = [
  ["@secretlint/secretlint-rule-preset-recommend", "LICENSE"],
  ["fastest-levenshtein", "LICENSE.md"],
  ["unbash", "LICENSE"],
] as const;

describe("the bundled pack", () => {
  before(buildPolicies);

  it("is written once for the same sources", async () => {
    const before = statSync(entry).mtimeMs;
    await buildPolicies();
    assert.equal(statSync(entry).mtimeMs, before);
  });

  it("leaves nothing half-written, also when two build at once", async () => {
    await Promise.all([buildPolicies(), buildPolicies()]);
    assert.deepEqual(readdirSync(path.dirname(entry)).sort(), ["LICENSES.txt", "pack.js"]);
  });

  it("brings the licence of everything in it, as its package has it", () => {
    const texts = readFileSync(path.join(pack, "bin/LICENSES.txt"), "utf8");
    assert.ok(texts.includes(readFileSync(path.join(root, "LICENSE"), "utf8").trim()), "this project's own");
    for (const [name, file] of bundled) {
      const folder = path.join(root, "node_modules", name);
      const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string };
      assert.ok(texts.includes(`${name} ${version} (`), name);
      assert.ok(texts.includes(readFileSync(path.join(folder, file), "utf8").trim()), name);
    }
    assert.equal(texts.split("-".repeat(80)).length, bundled.length + 1, "another package is bundled");
  });

  it("serves every policy from the folder of npm pack, with its own dependencies and nothing of this repository", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vllm-policies-"));
    try {
      execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: pack });
      const [archive = ""] = readdirSync(folder);
      execFileSync("tar", ["-xzf", archive], { cwd: folder });
      const alone = path.join(folder, "package");
      assert.deepEqual(readdirSync(alone).sort(), ["PulumiPolicy.yaml", "bin", "package.json"]);
      for (const name of Object.keys(dependencies)) {
        const link = path.join(alone, "node_modules", name);
        mkdirSync(path.dirname(link), { recursive: true });
        symlinkSync(path.join(root, "node_modules", name), link);
      }
      const info = await served(alone);
      assert.equal(info.getName(), "vllm-policies");
      assert.deepEqual(
        info.getPoliciesList().map((policy) => policy.getName()),
        policies.map(({ name }) => name),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Starts the pack as the engine does. */
async function served(folder: string): Promise<AnalyzerInfo> {
  const runner = path.join(folder, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
  const server = spawn(process.execPath, [runner, "127.0.0.1:1", "."], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = await firstLine(server.stdout);
    return await analyzerInfo(`127.0.0.1:${port}`);
  } finally {
    server.kill();
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<[string]> {
  for await (const line of createInterface({ input: stream })) return [line];
  throw new Error("the pack ended without printing its port");
}

function analyzerInfo(address: string): Promise<AnalyzerInfo> {
  const client = new AnalyzerClient(address, credentials.createInsecure());
  return new Promise<AnalyzerInfo>((resolve, reject) => {
    client.getAnalyzerInfo(new Empty(), (error, info) => (error ? reject(error) : resolve(info)));
  }).finally(() => client.close());
}
