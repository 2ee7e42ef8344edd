import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { messageOf } from "../../shared/errors";
import type { OpsStack } from "../stack/openStack";

/** What a command has found, kept until it has come to its end. */
export interface Found {
  /** Puts the stack's state and its configuration back as they were; throws what could not be put back, and how to. */
  restore(): Promise<void>;
  forget(): Promise<void>;
}

/** Keeps the stack's state and configuration, in a folder that only this user reads. Secrets stay encrypted in both. */
export async function remember(stack: Pick<OpsStack, "name" | "directory" | "pulumi">): Promise<Found> {
  const folder = await mkdtemp(path.join(tmpdir(), "ops-import-"));
  const state = path.join(folder, "state.json");
  const stackFile = path.join(stack.directory, `Pulumi.${stack.name}.yaml`);
  const copy = path.join(folder, path.basename(stackFile));
  await writeFile(state, await stack.pulumi("stack", "export"), { mode: 0o600 });
  await copyFile(stackFile, copy);
  const forget = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return {
    forget,
    restore: async () => {
      try {
        await stack.pulumi("stack", "import", "--file", state);
        await copyFile(copy, stackFile);
      } catch (error) {
        throw new Error(
          `The stack could not be put back as it was (${messageOf(error)}). By hand: ` +
            `\`pulumi stack import --stack ${stack.name} --file ${state}\` and \`cp ${copy} ${stackFile}\`.`,
          { cause: error },
        );
      }
      await forget();
    },
  };
}
