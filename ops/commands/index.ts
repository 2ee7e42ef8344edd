import type { Command } from "commander";
import { addCudaProbe } from "./cudaProbe";
import { addDoctor } from "./doctor";
import { addLogs } from "./logs";
import { addRedownload } from "./redownload";
import { addSmoke } from "./smoke";
import { addStatus } from "./status";

/** Every command, in the order of `--help`. */
export const commands: readonly ((program: Command) => void)[] = [
  addStatus,
  addLogs,
  addDoctor,
  addCudaProbe,
  addRedownload,
  addSmoke,
];
