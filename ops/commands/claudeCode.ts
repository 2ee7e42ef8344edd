import { existsSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { takesInlineSystem } from "../../gateway/anthropic";
import { type ClaudeCodeBlock, claudeCodeBlock } from "../../gateway/claudeCode";
import { outputTokens } from "../../gateway/tokens";
import { forShell } from "../../shared/commandLine";
import { tell as say } from "../../shared/terminal";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { gatewayFolder } from "../stack/gatewayOutputs";
import { isNoSuchStack, type OpsStack } from "../stack/openStack";
import { readModelOutputs } from "../stack/modelOutputs";
import { stackOf } from "./options";

interface Options {
  settings?: boolean;
  direct?: boolean;
  showKey?: boolean;
}

export function addClaudeCode(command: Command): void {
  command
    .option("--settings", "for settings.json instead")
    .option("--direct", "vLLM itself, without the gateway")
    .option("--show-key", "show the key on a terminal, too (a pipe always gets it)")
    .action((options: Options, command: Command) =>
      options.settings ? tell(options, command) : forShell(() => tell(options, command)),
    );
}

async function tell(options: Options, command: Command): Promise<void> {
  const stack = await stackOf(command);
  const { block, key } = await readBlock(stack, options.direct === true);
  const text = options.settings ? block.settings : block.exports;
  const hide = process.stdout.isTTY && !options.showKey && key !== undefined && key !== "";
  process.stdout.write(hide ? text.replaceAll(key, "<hidden, see --show-key>") : text);
}

interface Read {
  block: ClaudeCodeBlock;
  key: string | undefined;
}

/** The gateway's own words, where there is one; else those for the server itself. */
async function readBlock(stack: OpsStack, direct: boolean): Promise<Read> {
  const folder = gatewayFolder(stack);
  if (!direct && existsSync(path.join(folder, "Pulumi.yaml"))) {
    const outputs = await outputsOf<{ claudeCode?: ClaudeCodeBlock; key?: string }>(stack, ["--cwd", folder]).catch(
      (error: unknown) => {
        // Only a gateway that was never made is none; a wrong passphrase, say, must not point the shell elsewhere.
        if (isNoSuchStack(error)) return undefined;
        throw error;
      },
    );
    if (outputs?.claudeCode) return { block: outputs.claudeCode, key: outputs.key };
    say(`note: the gateway has no stack '${stack.name}' that is deployed; these settings are for vLLM itself`);
  }
  const {
    routeUrl,
    apiKey,
    servedModelNames = [],
    maxModelLen = 0,
    imageLine,
  } = (await readModelOutputs(stack)) as Outputs;
  if (servedModelNames.length === 0) {
    throw new OpsError(
      `Nothing is deployed in stack '${stack.name}'; \`pulumi up --stack ${stack.name}\` makes it.`,
      exitCodes.nothingDeployed,
    );
  }
  if (routeUrl === undefined)
    throw new OpsError(
      `The stack '${stack.name}' has no Route, so Claude Code cannot reach it from outside the cluster.`,
    );
  const aliases = servedModelNames.filter((name) => !name.includes("/"));
  return {
    block: claudeCodeBlock({
      url: routeUrl,
      key: apiKey,
      aliases,
      context: maxModelLen,
      maxOutputTokens: outputTokens(maxModelLen),
      takesInlineSystem: takesInlineSystem({ imageLine }),
    }),
    key: apiKey,
  };
}

interface Outputs {
  routeUrl?: string;
  apiKey?: string;
  servedModelNames?: string[];
  maxModelLen?: number;
  imageLine?: string;
}

async function outputsOf<T>(stack: OpsStack, flags: readonly string[]): Promise<T> {
  return JSON.parse(await stack.pulumi("stack", "output", "--json", "--show-secrets", ...flags)) as T;
}
