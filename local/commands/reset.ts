import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { stopCluster } from "../cluster";
import { defaultStateDir } from "../paths";
import { gateway, inference } from "../pulumi/stack";
import { exclusive } from "./exclusive";

export function reset(): Promise<number> {
  return exclusive(forget);
}

async function forget(): Promise<number> {
  await stopCluster(defaultStateDir);
  const forgotten = [defaultStateDir, inference.stackFile, gateway.stackFile].filter((path) => existsSync(path));
  for (const path of forgotten) await rm(path, { recursive: true, force: true });
  console.log(forgotten.length > 0 ? `Removed ${forgotten.join(", ")}.` : "There was nothing to forget.");
  return 0;
}
