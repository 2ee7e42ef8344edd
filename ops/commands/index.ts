import type { Command } from "commander";
import type * as ClaudeCode from "./claudeCode";
import type * as CudaProbe from "./cudaProbe";
import type * as Doctor from "./doctor";
import type * as Import from "./import";
import type * as Logs from "./logs";
import type * as Redownload from "./redownload";
import type * as Rollback from "./rollback";
import type * as Smoke from "./smoke";
import type * as Status from "./status";

/** A command of `npm run ops`. Its module is loaded only where the command is meant: clients and builders take longer to load than most do. */
export interface OpsCommand {
  name: string;
  description: string;
  /** Gives the command its options and its action. */
  complete: (command: Command) => void;
}

/* ts-node knows TypeScript files only through `require`. */
/* eslint-disable @typescript-eslint/no-require-imports */

/** Every command, in the order of `--help`. */
export const commands: readonly OpsCommand[] = [
  {
    name: "status",
    description: "one screen: rollout, pods, model, GPU node, claim, Route, names, drift (0 only if the model serves)",
    complete: (command) => (require("./status") as typeof Status).addStatus(command),
  },
  {
    name: "logs",
    description: "the log of the container that is at work: the download, then the server",
    complete: (command) => (require("./logs") as typeof Logs).addLogs(command),
  },
  {
    name: "doctor",
    description:
      "everything that can be wrong, before a deployment and after, each with what to type (1 if something is)",
    complete: (command) => (require("./doctor") as typeof Doctor).addDoctor(command),
  },
  {
    name: "cuda-probe",
    description:
      "a pod that shows what the image sees of the GPU: driver, CUDA, memory, and whether it reaches the Hub; it is always removed",
    complete: (command) => (require("./cudaProbe") as typeof CudaProbe).addCudaProbe(command),
  },
  {
    name: "redownload",
    description: "remove the model from the claim and start again; the server is down until it has been downloaded",
    complete: (command) => (require("./redownload") as typeof Redownload).addRedownload(command),
  },
  {
    name: "rollback",
    description:
      "set image, model and server arguments back to those of the last `pulumi up` that had others and succeeded",
    complete: (command) => (require("./rollback") as typeof Rollback).addRollback(command),
  },
  {
    name: "import",
    description:
      "take a running deployment of the old script into the stack's state; nothing is restarted, the claim is kept",
    complete: (command) => (require("./import") as typeof Import).addImport(command),
  },
  {
    name: "smoke",
    description: "ask the model, or the gateway, as its clients do: chat, tool calls, Anthropic messages, streams",
    complete: (command) => (require("./smoke") as typeof Smoke).addSmoke(command),
  },
  {
    name: "claude-code",
    description:
      'what Claude Code must be told, for a shell: settings=$(npm run -s ops -- claude-code) && eval "$settings" && claude',
    complete: (command) => (require("./claudeCode") as typeof ClaudeCode).addClaudeCode(command),
  },
];

/** Adds the commands to a command line: whole where they are meant, else so far as `--help` of the top shows them. */
export function addCommands(program: Command, isMeant: (name: string) => boolean = () => true): void {
  for (const { name, description, complete } of commands) {
    const command = program.command(name).description(description);
    if (isMeant(name)) complete(command);
  }
}
