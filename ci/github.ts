/** The three calls of GitHub's REST API that the comment needs. */
import { z } from "zod";

const pull = z.object({ number: z.number().int().positive(), head: z.object({ sha: z.string() }) });
const comment = z.object({
  id: z.number().int().positive(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullish(),
});

export interface GitHub {
  /** Such as https://api.github.com */
  api: string;
  token: string;
  /** `<owner>/<name>` */
  repository: string;
}

/** Whoever a workflow's own token writes as. */
const self = "github-actions[bot]";

/** The open pull request from a fork's branch whose newest commit this is. The numbers come from GitHub, never from what the run left behind. */
export async function findPullRequest(
  github: GitHub,
  head: { owner: string; branch: string; commit: string },
): Promise<number | undefined> {
  const query = new URLSearchParams({ state: "open", head: `${head.owner}:${head.branch}`, per_page: "100" });
  const pulls = z.array(pull).parse(await request(github, "GET", `pulls?${query.toString()}`));
  return pulls.find((each) => each.head.sha === head.commit)?.number;
}

/** One comment for a pull request, rewritten by every run. */
export async function writeComment(
  github: GitHub,
  number: number,
  marker: string,
  body: string,
): Promise<"new" | "rewritten"> {
  const own = await ownComment(github, number, marker);
  if (own === undefined) await request(github, "POST", `issues/${number}/comments`, { body });
  else await request(github, "PATCH", `issues/comments/${own}`, { body });
  return own === undefined ? "new" : "rewritten";
}

async function ownComment(github: GitHub, number: number, marker: string): Promise<number | undefined> {
  for (let page = 1; ; page++) {
    const answer = await request(github, "GET", `issues/${number}/comments?per_page=100&page=${page}`);
    const all = z.array(comment).parse(answer);
    const own = all.find(({ user, body }) => user?.login === self && body?.startsWith(marker) === true);
    if (own || all.length < 100) return own?.id;
  }
}

async function request(github: GitHub, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${github.api}/repos/${github.repository}/${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${github.token}`,
      "x-github-api-version": "2022-11-28",
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${method} ${path.split("?")[0]}`);
  return response.json();
}
