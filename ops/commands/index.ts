import type { Command } from "commander";
import { addClaudeCode } from "./claudeCode";
import { addCudaProbe } from "./cudaProbe";
import { addDoctor } from "./doctor";
import { addImport } from "./import";
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
  addImport,
  addSmoke,
  addClaudeCode,
];
