/**
 * Asks a running `npm run local -- --real` for a while through its Route and counts what was lost:
 * `npm run soak:real -- [--minutes 30] [--clients 4]`, in the clone whose cluster it is. Each client asks in turn for words, for words in a
 * stream, and for a tool call; lost is every answer that is not whole. Ends with 1 if one was. Started by bootstrap.mjs, which shows it the
 * Routes' hosts and their certificate.
 */
import { Agent, request } from "node:https";
import { execa } from "execa";
import { clusterLayout, isReal } from "../../local/cluster/spec";
import { defaultStateDir } from "../../local/paths";
import { pulumiEnvironment } from "../../local/pulumi/environment";
import { commandLine, runCommandLine } from "../../shared/commandLine";
import { UserError } from "../../shared/errors";

interface Question {
  readonly name: string;
  readonly body: object;
  /** What is missing of an answer; undefined where it is whole. */
  readonly lacks: (answer: string) => string | undefined;
}

const hello = [{ role: "user", content: "say hello" }];
const tools = [{ type: "function", function: { name: "ping", parameters: { type: "object", properties: {} } } }];
const without = (what: RegExp) => (answer: string) => (what.test(answer) ? undefined : `no ${what} in ${answer}`);
const questions: readonly Question[] = [
  { name: "words", body: { messages: hello, max_tokens: 20 }, lacks: without(/Hello from the tiny model\./) },
  { name: "stream", body: { messages: hello, max_tokens: 20, stream: true }, lacks: without(/data: \[DONE\]/) },
  {
    name: "tool call",
    body: { messages: [{ role: "user", content: "call ping" }], max_tokens: 64, tools },
    lacks: without(/"tool_calls":\[\{[^]*"name":"ping"/),
  },
];

const asked = new Map<string, number>();
const lost: string[] = [];
const seconds: number[] = [];

async function soak({ minutes, clients }: { minutes: string; clients: string }): Promise<void> {
  if (!isReal(defaultStateDir)) throw new UserError("There is no real node here. Run `npm run local -- --real` first.");
  const env = await pulumiEnvironment({
    stateDir: defaultStateDir,
    kubeconfig: clusterLayout(defaultStateDir).kubeconfig,
  });
  const output = async (...name: string[]): Promise<string> =>
    (await execa("pulumi", ["stack", "output", ...name, "--stack", "local"], { env })).stdout.trim();
  const [url, key, names] = await Promise.all([
    output("routeUrl"),
    output("apiKey", "--show-secrets"),
    output("servedModelNames", "--json"),
  ]);
  const agent = new Agent({ keepAlive: true });
  const [model] = JSON.parse(names) as string[];
  const until = Date.now() + Number(minutes) * 60_000;
  const client = async (first: number): Promise<void> => {
    for (let turn = first; Date.now() < until; turn++) {
      const question = questions[turn % questions.length]!;
      const began = Date.now();
      const why = await ask(`${url}/v1/chat/completions`, key, { model, ...question.body }, agent).then(
        question.lacks,
        String,
      );
      asked.set(question.name, (asked.get(question.name) ?? 0) + 1);
      if (why === undefined) seconds.push((Date.now() - began) / 1000);
      else lost.push(`${new Date().toISOString()} ${question.name}: ${why}`);
    }
  };
  await Promise.all(Array.from({ length: Number(clients) }, (_, index) => client(index)));
  for (const line of lost) console.log(line);
  seconds.sort((left, right) => left - right);
  const share = (part: number): string => (seconds[Math.floor((seconds.length - 1) * part)] ?? NaN).toFixed(2);
  const counts = [...asked].map(([name, count]) => `${count} ${name}`).join(", ");
  console.log(
    `${minutes} min, ${clients} clients: ${counts}; ${lost.length} lost; half within ${share(0.5)} s, the slowest ${share(1)} s`,
  );
  process.exitCode = lost.length > 0 ? 1 : 0;
}

function ask(url: string, key: string, body: object, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const sent = request(url, { method: "POST", agent, headers, timeout: 120_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode} ${text.slice(0, 200)}`)),
      );
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 120 s")));
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

const program = commandLine(
  "npm run soak:real --",
  "Asks a real node's model for a while, and counts the answers that are lost.",
)
  .option("--minutes <number>", "for how long", String, "30")
  .option("--clients <number>", "how many ask at once", String, "4")
  .action(soak);
runCommandLine(program);
