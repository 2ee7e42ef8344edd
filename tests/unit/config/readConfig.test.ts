import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { checkConfig } from "../../../components/config/readConfig";
import { modelsOf } from "../../../components/config/models";
import { configKeys } from "../../../components/config/schema";
import { configTable, renderProjectFile } from "../../../docs/generate/configuration";

const token = "hf_canaryMustNotBeSeen0123456789";
const complete = { kubeContext: "dev", hfToken: token };

function sentences(values: Record<string, string>, secretKeys = ["hfToken"]): string[] {
  return checkConfig({ values, secretKeys: new Set(secretKeys) }).problems.map(({ reason }) => reason);
}

const mistakes: [string, Record<string, string>, string][] = [
  [
    "no cluster",
    { kubeContext: "" },
    "'kubeContext' must be set, because the current context is never used; set it with `pulumi config set kubeContext <context>` (`oc config get-contexts` lists them).",
  ],
  [
    "no token",
    { hfToken: "" },
    "'hfToken' must be set to download the model; set it with `pulumi config set --secret hfToken` (a read token from huggingface.co/settings/tokens).",
  ],
  [
    "a misspelt key",
    { maxModelLength: "8" },
    "'maxModelLength' must be a key of this program; set 'maxModelLen' if that was meant, or remove it with `pulumi config rm maxModelLength`.",
  ],
  [
    "a key by its old name",
    { PVC_SIZE: "30Gi" },
    "'PVC_SIZE' must be a key of this program; set 'pvcSize' if that was meant, or remove it with `pulumi config rm PVC_SIZE`.",
  ],
  [
    "a key like no other",
    { somethingElse: "1" },
    "'somethingElse' must be a key of this program; remove it with `pulumi config rm somethingElse`.",
  ],
  [
    "a word for a number",
    { maxNumSeqs: "many" },
    "'maxNumSeqs' (many) must be a whole number; set it with `pulumi config set maxNumSeqs <value>`.",
  ],
  [
    "a fraction for a whole number",
    { maxModelLen: "1.5" },
    "'maxModelLen' (1.5) must be a whole number; set it with `pulumi config set maxModelLen <value>`.",
  ],
  [
    "a word for a fraction",
    { gpuMemoryUtilization: "all" },
    "'gpuMemoryUtilization' (all) must be a number; set it with `pulumi config set gpuMemoryUtilization <value>`.",
  ],
  [
    "yes for true",
    { routeEnabled: "yes" },
    "'routeEnabled' (yes) must be true or false; set it with `pulumi config set routeEnabled <value>`.",
  ],
  [
    "a security mode that does not exist",
    { securityMode: "root" },
    "'securityMode' (root) must be one of anyuid, restricted; set it with `pulumi config set securityMode <value>`.",
  ],
  [
    "a text for a list",
    { servedModelNames: "qwen" },
    "'servedModelNames' (qwen) must be a list; remove it with `pulumi config rm servedModelNames`, and set each part with `pulumi config set --path servedModelNames[0] <value>`.",
  ],
  [
    "a list for a map",
    { nodeSelector: "[]" },
    "'nodeSelector' ([]) must be a map; remove it with `pulumi config rm nodeSelector`, and set each part with `pulumi config set --path nodeSelector.<name> <value>`.",
  ],
  [
    "a number for a label's value",
    { nodeSelector: '{"gpus":1}' },
    "'nodeSelector.gpus' (1) must be a text; set it with `pulumi config set --path nodeSelector.gpus <value>`.",
  ],
  [
    "a probe's field that does not exist",
    { startupProbe: '{"period":30}' },
    "'startupProbe.period' must be a known field; remove it with `pulumi config rm --path startupProbe.period`.",
  ],
  [
    "an effect that does not exist",
    { tolerations: '[{"key":"a","effect":"NoRun"}]' },
    "'tolerations[0].effect' (NoRun) must be one of NoSchedule, PreferNoSchedule, NoExecute; set it with `pulumi config set --path tolerations[0].effect <value>`.",
  ],
];

describe("the stack's configuration", () => {
  it("is complete with a cluster and a token", () => assert.deepEqual(sentences(complete), []));

  for (const [what, values, sentence] of mistakes) {
    it(`refuses ${what}`, () => assert.deepEqual(sentences({ ...complete, ...values }), [sentence]));
  }

  it("refuses a token in plain text, with the command that mends it and without the token", () => {
    assert.deepEqual(sentences(complete, []), [
      "'hfToken' must be encrypted, because it stands readable in the stack's file; set it with `pulumi config set --secret hfToken`, and revoke the token if the file with it has left this machine.",
    ]);
  });

  it("refuses to write readable what is encrypted, and does not show it", () => {
    const found = sentences({ ...complete, namespace: "Top Secret" }, ["hfToken", "namespace"]);
    assert.equal(
      found[0],
      "'namespace' must not be encrypted, because it is written readable to the cluster and the state; set it with `pulumi config set --plaintext namespace <value>`.",
    );
    assert.equal(
      found[1],
      "'namespace' ([secret]) must be a DNS label (a-z, 0-9 and -, at most 63 characters); set a name such as vllm-inference.",
    );
  });

  it("shows no token that has landed under another key", () => {
    const found = sentences({ ...complete, hfTokn: token, maxNumSeqs: token, namespace: token });
    assert.equal(found.length, 3);
    assert.ok(!found.join().includes(token), found.join());
  });

  it("shows no token inside of a list or a map", () => {
    const values = {
      ...complete,
      servedModelNames: JSON.stringify(["a/b", token + " x"]),
      nodeSelector: JSON.stringify({ [token]: "a b" }),
    };
    const found = sentences(values);
    assert.equal(found.length, 2, found.join("\n"));
    assert.ok(!found.join().includes(token), found.join());
  });

  it("says all mistakes at once, of every kind", () => {
    const values = { pvcSize: "30 gigs", maxNumSeqs: "many", hfTokn: "x", routePath: "v1", probes: "{}" };
    const found = checkConfig({ values, secretKeys: new Set() }).problems.map(({ propertyPath }) => propertyPath);
    assert.deepEqual(found.toSorted(), [
      "hfToken",
      "hfTokn",
      "kubeContext",
      "maxNumSeqs",
      "probes",
      "pvcSize",
      "routePath",
    ]);
  });

  it("says the mistakes of a list's and a map's other entries beside one whose shape is wrong", () => {
    const env = { VLLM_PORT: "1", VLLM_LOGGING_LEVEL: true };
    const extraArgs = [true, "--port", "9000"];
    const wrong = (path: string, rule: string): string =>
      `'${path}' must be a text${rule}; set it with \`pulumi config set --path ${path} <value>\`.`;
    const expected = (at: string): string[] => [
      wrong(`${at}extraArgs[0]`, "; in quotes, if it is true or false"),
      wrong(`${at}env.VLLM_LOGGING_LEVEL`, ", in quotes if it is true or false, or {secretKeyRef: {name, key}}"),
      `'${at}extraArgs[1]' (--port) must not be --port, because the probes, the Service and the Route ask port 8000 of the pod by HTTP; take it out.`,
      `'${at}env.VLLM_PORT' must be left out: vLLM takes it for its own port, and no Service may set it either; take 'VLLM_PORT' out of 'env'.`,
    ];
    const flat = { ...complete, extraArgs: JSON.stringify(extraArgs), env: JSON.stringify(env) };
    assert.deepEqual(sentences(flat).sort(), expected("").sort());
    const models = JSON.stringify({ small: { extraArgs, env }, large: {} });
    assert.deepEqual(sentences({ ...complete, models }).sort(), expected("models.small.").sort());
  });

  it("says the mistakes of a list of maps' other elements by their own numbers", () => {
    const loraAdapters = [
      { name: 5, modelId: "me/five" },
      { name: "sql" },
      { name: "law", modelId: "me/law", rank: 0 },
    ];
    const servedModelNames = [7, "two words"];
    const paths = (values: Record<string, string>): (string | undefined)[] =>
      sentences({ ...complete, ...values }).map((each) => /^'([^']+)'/.exec(each)?.[1]);
    const expected = (at: string): string[] =>
      [
        "loraAdapters[0].name",
        "loraAdapters[1].modelId",
        "loraAdapters[2].rank",
        "servedModelNames",
        "servedModelNames[0]",
      ].map((each) => `${at}${each}`);
    const flat = { loraAdapters: JSON.stringify(loraAdapters), servedModelNames: JSON.stringify(servedModelNames) };
    assert.deepEqual(paths(flat).sort(), expected(""));
    const models = JSON.stringify({ small: { loraAdapters, servedModelNames }, large: {} });
    assert.deepEqual(paths({ models }).sort(), expected("models.small."));
  });

  it("reads numbers, booleans, lists and maps from the CLI's text", () => {
    const values = {
      ...complete,
      maxModelLen: "8192",
      gpuMemoryUtilization: "0.85",
      enforceEager: "false",
      servedModelNames: '["qwen"]',
      startupProbe: '{"failureThreshold":48}',
    };
    const { values: read } = checkConfig({ values, secretKeys: new Set(["hfToken"]) });
    assert.deepEqual(read, {
      kubeContext: "dev",
      hfToken: token,
      maxModelLen: 8192,
      gpuMemoryUtilization: 0.85,
      enforceEager: false,
      servedModelNames: ["qwen"],
      startupProbe: { failureThreshold: 48 },
    });
  });

  it("takes the empty texts of Pulumi.yaml for unset", () => {
    const { values } = checkConfig({
      values: { ...complete, routeHost: "" },
      secretKeys: new Set(["hfToken"]),
    });
    assert.deepEqual(values, complete);
  });

  it("takes an empty text of one of several models for unset, over what stands beside the map", () => {
    const models = JSON.stringify({ chat: {}, coder: { maxNumSeqs: "", tolerations: "", routeHost: "" } });
    const raw = { ...complete, maxNumSeqs: "7", models };
    const { problems, values } = checkConfig({ values: raw, secretKeys: new Set(["hfToken"]) });
    assert.deepEqual(problems, []);
    const { chat, coder } = modelsOf(values).models;
    assert.equal(chat?.maxNumSeqs, 7);
    assert.deepEqual(
      ["maxNumSeqs", "tolerations", "routeHost"].filter((key) => key in (coder ?? {})),
      [],
    );
  });

  it("refuses a model's name that would be left out without a word", () => {
    assert.deepEqual(sentences({ ...complete, models: '{"__proto__":{},"chat":{}}' }), [
      "'models' must have no model named `__proto__`; set it with `pulumi config set models <value>`.",
    ]);
  });
});

describe("Pulumi.yaml", () => {
  const projectFile = path.join(__dirname, "..", "..", "..", "Pulumi.yaml");

  it("declares the configuration as the code reads it (`npm run docs` writes it)", () => {
    assert.equal(readFileSync(projectFile, "utf8"), renderProjectFile());
  });

  for (const { name, description, change, type, items } of configTable()) {
    it(`describes ${name}, its type and what changing it does`, () => {
      assert.match(description, /^[`A-Z].*\.$/);
      assert.notEqual(change, "");
      assert.equal(type === "array", items !== undefined);
    });
  }

  it("knows every key", () => assert.equal(configTable().length, configKeys.length));
});
