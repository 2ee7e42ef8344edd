import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { prepareStack } from "../../../local/pulumi/stack";
import { UsageError } from "../../../shared/errors";
import { temporaryFolder } from "./temporary";

describe("the stack's file of npm run local", () => {
  const folder = temporaryFolder();

  for (const [content, fault] of [
    ["config: [", /is no YAML/],
    ["half a line", /: it must be keys and their values\. Mend it, or delete it/],
    ["config: x", /: 'config' must be keys and their values\. Mend it, or delete it/],
  ] as const)
    it(`is refused before anything is made of it: ${content}`, async () => {
      const stackFile = path.join(folder(), "Pulumi.local.yaml");
      writeFileSync(stackFile, content);
      const project = { name: "vllm-inference", folder: folder(), stackFile, template: stackFile };
      await assert.rejects(
        prepareStack(path.join(folder(), ".local"), {}, () => undefined, project),
        (error: Error) => error instanceof UsageError && fault.test(error.message),
      );
      assert.ok(!existsSync(path.join(folder(), ".local")));
    });
});
