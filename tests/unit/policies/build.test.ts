import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { AnalyzerInfo } from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { policies } from "../../../policies/index";
import { buildPolicies } from "../../../policies/build";

const root = path.resolve(__dirname, "../../..");
const pack = path.join(root, "policies");
const entry = path.join(pack, "bin/pack.js");

describe("the compiled pack", function () {
  before(buildPolicies);

  it("is built once for the same sources", async () => {
    const before = statSync(entry).mtimeMs;
    await buildPolicies();
    assert.equal(statSync(entry).mtimeMs, before);
  });

  it("leaves nothing half-written, also when two build at once", async () => {
    await Promise.all([buildPolicies(), buildPolicies()]);
    const loaded = /\.\/(\w+)\//.exec(readFileSync(entry, "utf8"))?.[1] ?? "";
    const names = readdirSync(path.join(pack, "bin"));
    assert.ok(names.includes(loaded));
    assert.deepEqual(
      names.filter((name) => name.includes("partial")),
      [],
    );
  });

  it("starts from its folder alone and serves every policy", async () => {
    const server = spawn(
      process.execPath,
      [require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:1", "."],
      {
        cwd: pack,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    try {
      const [port] = await firstLine(server.stdout);
      const info = await analyzerInfo(`127.0.0.1:${port}`);
      assert.equal(info.getName(), "vllm-policies");
      assert.deepEqual(
        info.getPoliciesList().map((policy) => policy.getName()),
        policies.map(({ name }) => name),
      );
    } finally {
      server.kill();
    }
  });
});

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
