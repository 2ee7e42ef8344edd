import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { OpsError } from "../../../ops/terminal/exitCodes";
import { gatewayOutputs } from "../../../ops/stack/gatewayOutputs";
import { Stopped } from "../../../ops/terminal/interrupt";
import type { OpsStack } from "../../../ops/stack/openStack";

describe("the gateway's outputs, seen from the model's stack", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), "vllm-gateway-outputs-"));
    mkdirSync(path.join(directory, "gateway"));
    writeFileSync(path.join(directory, "gateway", "Pulumi.yaml"), "name: vllm-gateway\n");
  });
  after(() => rmSync(directory, { recursive: true }));
  const seen = (error: Error) =>
    gatewayOutputs({ directory, name: "dev", pulumi: () => Promise.reject(error) } as unknown as OpsStack);

  it("are none where the gateway has no such stack", async () => {
    assert.deepEqual(await seen(new OpsError("error: no stack named 'dev' found")), {
      missing: "the gateway has no stack 'dev'",
    });
  });

  it("are said to be unreadable with the reason", async () => {
    assert.deepEqual(await seen(new OpsError("error: incorrect passphrase")), {
      missing: "the gateway's stack 'dev' cannot be read here: error: incorrect passphrase",
    });
  });

  it("are no excuse to go on after Ctrl-C", async () => {
    await assert.rejects(seen(new Stopped("stopped")), Stopped);
  });
});
