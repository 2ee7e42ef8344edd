/**
 * `npm run ci:comment -- <report.json>` writes the previews' report under the pull request. It runs with a token that may comment, after a run that a
 * stranger's code has made: so the report is read as data of a known shape, rendered by the main branch's own code, and it says neither which
 * pull request it belongs to nor what to run.
 */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { messageOf, UsageError, UserError } from "../shared/errors";
import { log } from "../local/log";
import { findPullRequest, writeComment } from "./github";
import { code, marker, summary } from "./markdown";
import { reportSchema } from "./report";
import { usageError } from "../shared/commandLine";

const largest = 5_000_000;

async function main(file: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  if (file === undefined || file.startsWith("-")) throw new UsageError("usage: npm run ci:comment -- <report.json>");
  const needed = (name: string): string => {
    const value = env[name];
    if (!value) throw new UserError(`'${name}' (unset) must be set in the environment; the workflow sets it.`);
    return value;
  };
  const github = {
    api: needed("GITHUB_API_URL"),
    token: needed("GITHUB_TOKEN"),
    repository: needed("GITHUB_REPOSITORY"),
  };
  const head = { owner: needed("HEAD_OWNER"), branch: needed("HEAD_BRANCH"), commit: needed("HEAD_COMMIT") };
  // The next push leaves the comment as it is until its own preview is there.
  const body = `${marker}\nOf the commit ${code(head.commit.slice(0, 12))}.\n\n${await render(file)}`;
  const number = await findPullRequest(github, head);
  if (number === undefined) return log("No open pull request has this commit as its newest one: nothing to comment.");
  log(`comment of pull request ${number}: ${await writeComment(github, number, marker, body)}`);
}

/** What the report says; one of another shape is another version's, a failed run's, or somebody's attempt. */
async function render(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > largest) throw new UserError(`${file} has ${size} bytes; a report has at most ${largest}.`);
  const parsed = z
    .array(reportSchema)
    .max(100)
    .safeParse(parsedJson(await readFile(file, "utf8")));
  if (!parsed.success) {
    const shape = "has not the shape that the main branch's ci/report.ts knows (an older or a changed one)";
    throw new UserError(`${file} ${shape}: read the run's summary; nothing is written.`);
  }
  return summary(parsed.data);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

main(process.argv[2], process.env).catch((error: unknown) => {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? usageError : 1;
});
