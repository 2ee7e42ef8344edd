import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { defaultStateDir } from "../paths";
import { gateway, inference } from "../pulumi/stack";
import { print } from "../../shared/terminal";
import { stopAll } from "../real";
import { exclusive } from "./exclusive";

const known = [defaultStateDir, inference.stackFile, gateway.stackFile];

export function reset(): Promise<number> {
  // Before the lock, which makes a folder for its file.
  const there = known.filter((path) => existsSync(path));
  return exclusive(() => forget(there));
}

async function forget(there: readonly string[]): Promise<number> {
  await stopAll(defaultStateDir);
  for (const path of known) await rm(path, { recursive: true, force: true });
  print(there.length > 0 ? `Removed ${there.join(", ")}.` : "There was nothing to forget.");
  return 0;
}
