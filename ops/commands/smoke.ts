import { type Command, InvalidArgumentError, Option } from "commander";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { type Progress, progress } from "../terminal/progress";
import { checks } from "../smoke/checks";
import { headingText, reportJson, resultText, summaryText } from "../smoke/report";
import { runChecks } from "../smoke/run";
import { type TargetOptions, targetOfStack, targetOfUrl } from "../smoke/target";
import type { Target } from "../smoke/check";
import { trust } from "../smoke/trust";
import { print, printJson } from "../terminal/print";
import { stackOf } from "./options";

interface SmokeOptions {
  gateway?: boolean;
  url?: string;
  keyEnv?: string;
  model?: string;
  names?: string[];
  context?: number;
  only?: string[];
  timeout: number;
  caFile?: string;
  insecureTls?: boolean;
  json?: boolean;
}

const help = `
The checks, in their order:
${checks.map(({ name, what }) => `  ${name.padEnd(22)}${what}`).join("\n")}

With --url and no --stack everything comes from flags. With both, the stack's key
and names are tried at that URL, such as that of a port-forward.`;

export function addSmoke(command: Command): void {
  command
    .option("--gateway", "the gateway's stack of that name (with --url: what answers there is LiteLLM)")
    .option("--url <url>", "base URL, instead of the stack's")
    .option("--key-env <name>", "environment variable that holds the API key, instead of the stack's")
    .option("--model <name>", "name to ask for, or of the stack's model (default: a served name without slash)")
    .option("--names <names>", "names that must be listed, comma-separated (default: the stack's)", names)
    .addOption(new Option("--context <tokens>", "tokens of context (default: the stack's)").argParser(positive))
    .option("--only <checks>", "these checks alone, comma-separated", names)
    .addOption(new Option("--timeout <seconds>", "for each request").argParser(positive).default(120))
    .option(
      "--ca-file <file>",
      "certificates to trust besides the known ones, as PEM (NODE_EXTRA_CA_CERTS does so too)",
    )
    .option("--insecure-tls", "trust any certificate: whoever is in between reads the key")
    .option("--json", "the results as JSON")
    .addHelpText("after", help)
    .action(async (options: SmokeOptions, command: Command) => {
      const unknown = (options.only ?? []).filter((name) => !checks.some((check) => check.name === name));
      if (unknown.length > 0)
        throw new OpsError(`There is no check ${unknown.join(", ")} (--help lists them).`, exitCodes.usage);
      trust(options);
      const target = await findTarget(options, command);
      if (!options.json) print(headingText(target));
      // A model may take a minute for an answer; behind a pipe each result says enough.
      const live = !options.json && process.stderr.isTTY;
      let shown: Progress | undefined;
      const end = (): void => {
        shown?.end();
        shown = undefined;
      };
      const results = await runChecks(target, {
        timeoutSeconds: options.timeout,
        ...(options.only && { only: options.only }),
        ...(live && { onStart: ({ name, what }) => (shown = progress()).say(`${name}: ${what}`) }),
        onResult: (result) => {
          end();
          if (!options.json) print(resultText(result));
        },
      }).finally(end);
      if (options.json) printJson(reportJson(target, results));
      else print(summaryText(results));
      process.exitCode = results.some(({ outcome }) => outcome === "failed") ? exitCodes.trouble : exitCodes.fine;
    });
}

async function findTarget(options: SmokeOptions, command: Command): Promise<Target> {
  const { gateway, url, model, names: given, context, timeout } = options;
  const asked: TargetOptions = {
    key: options.keyEnv === undefined ? undefined : keyFrom(options.keyEnv),
    ...(gateway && { gateway }),
    ...(model !== undefined && { model }),
    ...(given && { names: given }),
    ...(context !== undefined && { context }),
  };
  const named = command.optsWithGlobals<{ stack?: string }>().stack !== undefined;
  if (url !== undefined && !URL.canParse(url))
    throw new OpsError(`'--url' (${url}) must be a URL; set one such as https://vllm.example.com.`, exitCodes.usage);
  if (url !== undefined && !named) return targetOfUrl({ ...asked, url }, timeout);
  return targetOfStack(await stackOf(command, true), { ...asked, ...(url !== undefined && { url }) });
}

function keyFrom(name: string): string {
  const key = process.env[name];
  if (key) return key;
  throw new OpsError(
    `'--key-env' (${name}) must name a variable that holds the key; set it with \`export ${name}=…\`.`,
    exitCodes.usage,
  );
}

function names(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.some((name) => name === "")) throw new InvalidArgumentError("It must be names, comma-separated.");
  return list;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return number;
}
