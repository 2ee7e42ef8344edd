/** Every command line that the component renders: of each golden, and with each option once. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import type { PlainArgs } from "../../components/args/content";
import { resolveArgs } from "../../components/args/resolve";
import type { LineName } from "../../components/images/lines";
import { templatePath } from "../../components/manifests/chatTemplate";
import { serverArguments } from "../../components/manifests/server";

export interface CommandLine {
  readonly title: string;
  readonly args: readonly string[];
}

const options: Readonly<Record<string, Omit<PlainArgs, "cluster">>> = {
  defaults: {},
  "compiled graphs": { enforceEager: false },
  "no tool calls": { enableAutoToolChoice: false },
  "two GPUs": { tensorParallelSize: 2, sharedMemorySize: "2Gi" },
  "more names": { servedModelNames: ["one", "two"] },
  "half precision": { dtype: "half" },
  bfloat16: { dtype: "bfloat16" },
  "thoughts apart": { reasoningParser: "qwen3" },
  "a smaller cache": { kvCacheDtype: "fp8" },
  "larger steps": { maxNumBatchedTokens: 16384 },
  "a template of one's own": { chatTemplate: "{{ messages }}" },
  "the model's own code": { trustRemoteCode: "it was read" },
  "two adapters": {
    loraAdapters: [
      { name: "sql", modelId: "me/sql", rank: 24 },
      { name: "law", modelId: "me/law" },
    ],
  },
  "more arguments": {
    extraArgs: ["--seed", "7", "--no-enable-prefix-caching", '--override-generation-config={"temperature": 0.2}'],
  },
  "long pause, long grace": { preStopSleepSeconds: 30, terminationGracePeriodSeconds: 300 },
};

interface Deployment {
  kind: string;
  spec: { template: { spec: { containers: { name: string; args: string[] }[] } } };
}

function goldens(): CommandLine[] {
  return ["dev", "local", "prod"].map((stack) => {
    const file = path.join(__dirname, "..", "golden", `${stack}.yaml`);
    const documents = parseAllDocuments(readFileSync(file, "utf8")).map((each) => each.toJS() as Deployment | null);
    const deployment = documents.find((each) => each?.kind === "Deployment");
    const server = deployment?.spec.template.spec.containers.find(({ name }) => name === "server");
    if (!server) throw new Error(`${file} has no server`);
    return { title: `stack ${stack}`, args: server.args };
  });
}

/** For an image of this line, or of none that is known. */
export function commandLines(line: LineName | undefined): CommandLine[] {
  const image = line === undefined ? {} : { imageLine: line };
  const rendered = Object.entries(options).map(([title, args]) => ({
    title,
    // vLLM looks for the file, which lies in the pod.
    args: serverArguments(resolveArgs("vllm", { ...args, ...image })).map((word) =>
      word === templatePath ? path.join(__dirname, "template.jinja") : word,
    ),
  }));
  return [...goldens(), ...rendered];
}
