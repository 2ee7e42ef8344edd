/** The pages, each from its top to its end in one go, in the order written, on the embedded cluster: what its reader has before, and how it is judged. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../docs/generate/pages";
import { startSimulatedModel } from "../../local/simulation/model";
import { makeOldDeployment } from "./oldDeployment";
import { type Start, type Walked, Walker } from "./walk";

const read = (page: string): string => readFileSync(path.join(root, page), "utf8");

const loggedIn = ["read -r PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE", "pulumi login file://~"];
const made = [
  ...loggedIn,
  "pulumi stack init dev --secrets-provider=passphrase",
  "pulumi config set --secret hfToken",
  "pulumi config set gpuModel NVIDIA-A10G",
];
/** A reader who has gone through docs/first-deployment.md, in the terminal of that day or a later one. */
const deployed: Start = { typed: [...made, "pulumi up --policy-pack policies"] };

/** The block of a page that its reader is to write to a file. */
const block = (page: string, language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(read(page))?.[1] ?? "";

const pullSecret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "internal-registry" },
  type: "kubernetes.io/dockerconfigjson",
  stringData: { ".dockerconfigjson": JSON.stringify({ auths: { "registry.internal.example": { auth: "bm9ib2R5" } } }) },
};
const authorities = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "internal-ca" },
  data: { "ca-bundle.crt": "" },
};
const filledClaim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "models" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "30Gi" } } },
};

/** Pages that one reader types one after the other, in one clone; a page that fails fails those after it. */
interface Reading {
  readonly pages: readonly string[];
  readonly start: Start;
}

type Part = "in the first hour" | "at night" | "with a model and rules of their own";

/** Each page that can be typed in one go, with what there is before its first line. Each part has a test file of its own, and they run side by side. */
export const readings: Readonly<Record<Part, readonly Reading[]>> = {
  "in the first hour": [
    { pages: ["README.md", "docs/local.md"], start: { clone: false } },
    { pages: ["docs/first-deployment.md"], start: {} },
    {
      pages: ["docs/from-the-old-script.md"],
      start: { cluster: (cluster, namespace) => makeOldDeployment({ cluster, namespace }) },
    },
  ],
  "at night": [
    {
      // The gateway goes before a model of too short a context for it, and after what asks whether all is well: at its page's end it is half set up.
      pages: ["docs/two-clusters.md", "docs/upgrade.md", "docs/claude-code.md", "docs/private-model.md"],
      start: deployed,
    },
    { pages: ["docs/operations.md"], start: deployed },
    { pages: ["docs/faults.md"], start: deployed },
  ],
  "with a model and rules of their own": [
    { pages: ["docs/another-model.md"], start: deployed },
    {
      pages: ["docs/air-gapped.md"],
      start: {
        typed: made,
        written: { "policies.dev.json": block("docs/air-gapped.md", "json") },
        cluster: async ({ kubectl, kubectlWithInput }, namespace) => {
          await kubectl("create", "namespace", namespace);
          for (const object of [pullSecret, authorities, filledClaim]) {
            await kubectlWithInput(JSON.stringify(object), "-n", namespace, "apply", "-f", "-");
          }
        },
      },
    },
    { pages: ["docs/chain.md"], start: {} },
    { pages: ["docs/models.md"], start: { written: { "something.yaml": figures(block("docs/models.md", "yaml")) } } },
    {
      pages: ["docs/policies.md"],
      start: { ...deployed, written: { "policies.dev.json": block("docs/policies.md", "json") } },
    },
  ],
};

/** What a reader who goes on has to type anew in the terminal of another day. */
const anotherDay: Start = { typed: loggedIn.slice(0, 1) };

/** Pages that are not typed in one go, and why; each of their commands has an entry in docs/commands.yaml. */
export const others: Readonly<Record<string, string>> = {
  "CONTRIBUTING.md": "its commands are the checks and the tests themselves",
  "docs/ci.md": "its one command needs a change to judge; tests/long/ci.test.ts makes some",
  "docs/library.md": "it is of another team's program, which tests/unit/library.test.ts makes",
  "docs/other-languages.md": "it is of a program in another language, which tests/long/otherLanguages*.test.ts make",
  "docs/local-real.md": "it needs root, and a node that runs pods",
  "docs/switch-model.md":
    "its reader edits files of two stacks between its commands; tests/long/switchModel.test.ts takes its steps",
};

export function describeReadings(part: Part): void {
  describe(`a reader who types a page from its top to its end, ${part}`, function () {
    this.timeout(1_200_000);
    for (const reading of readings[part])
      it(`comes through ${reading.pages.join(", then ")}`, () => comeThrough(reading));
  });
}

/** One reader, one page after the other. */
function comeThrough({ pages: following, start }: Reading): Promise<void> {
  return withWalker(following[0] ?? "", start, async (walker) => {
    for (const [index, page] of following.entries())
      for (const step of await walker.walk(page, index === 0 ? start : anotherDay)) assertShown(step);
  });
}

async function withWalker(page: string, start: Start, walk: (walker: Walker) => Promise<void>): Promise<void> {
  // Nothing answers in the pods of the embedded cluster, so that the gateway's gate has to be told of something that does.
  const model = await startSimulatedModel();
  const gateway = { "vllm-gateway:models": [{ stack: "organization/vllm-inference/dev", gateUrl: model.url }] };
  try {
    const walker = await Walker.make(page, { ...start, files: { "gateway/Pulumi.dev.yaml": gateway } });
    try {
      await walk(walker);
    } finally {
      await walker.remove();
    }
  } finally {
    await model.close();
  }
}

/** The figures alone, as the page says, without the two lines above them. */
function figures(yaml: string): string {
  return yaml.split("\n").slice(3).join("\n").replaceAll(/^ {4}/gm, "");
}

/** What the page shows of a command's output has come, in that order; times are those of another day. */
function assertShown({ command, output }: Walked): void {
  const came = output.split("\n").map(timeless);
  let from = 0;
  for (const line of command.output.filter((shown) => !["", "…"].includes(shown.trim()))) {
    const at = came.indexOf(timeless(line), from);
    assert.notEqual(at, -1, `${command.page}: \`${command.text}\` shows "${line}", and did not say it:\n${output}`);
    from = at + 1;
  }
}

const timeless = (line: string): string =>
  line
    .trim()
    .replaceAll(/\d+(?:\.\d+)?m?s\b/g, "T")
    .replaceAll(/ {2,}/g, " ");
