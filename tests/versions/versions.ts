/**
 * What each vLLM of the image lines knows and takes. `npm run versions` makes their environments, writes what they know into
 * components/images/vllmKnows.json, has each parse every command line that the component renders for it, and writes results.md.
 */
import path from "node:path";
import { execa } from "execa";
import type { KnownVersion } from "../../components/images/lines";
import type { Kind } from "../../components/images/known";

/** What ask.py prints. */
export interface Answer {
  readonly known: Readonly<Record<Kind, readonly string[]>>;
  /** Why the server would not start with each command line; null where it would. */
  readonly refused: readonly (string | null)[];
}

export const newestVersion: KnownVersion = "0.32.0";
export const allVersions: readonly KnownVersion[] = ["0.13.0", "0.18.0", "0.24.0", newestVersion];

/** The interpreters, made where they are missing, which takes minutes. */
export async function interpreters(versions: readonly string[]): Promise<Record<string, string>> {
  const script = path.join(__dirname, "..", "chain", "environments.py");
  const { stdout } = await execa("python3", [script, ...versions], { stderr: "inherit" });
  return (JSON.parse(stdout) as { versions: Record<string, string> }).versions;
}

/** Asks one version; loading it takes most of the time, so all command lines go at once. */
export async function ask(python: string, commandLines: readonly (readonly string[])[]): Promise<Answer> {
  const input = JSON.stringify(commandLines);
  const { stdout } = await execa(python, [path.join(__dirname, "ask.py")], { input, env: { HF_HUB_OFFLINE: "1" } });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Answer;
}
