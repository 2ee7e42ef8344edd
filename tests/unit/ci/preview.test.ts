import assert from "node:assert/strict";
import { gatewayLosses, gatewayRestart, inferenceLosses, inferenceRestart, lossesOf } from "../../../ci/consequences";
import { readEvents } from "../../../ci/events";
import { fieldChanges } from "../../../ci/fields";
import { markdown, summary } from "../../../ci/markdown";
import { gateway } from "../../../ci/projects";
import { bounded, type Change, failedReport, isAcceptable, type PreviewReport, reportSchema } from "../../../ci/report";
import { resolveArgs } from "../../../components/resolve";

const report: PreviewReport = {
  stack: "dev",
  base: { commit: "0123456789abcdef", state: "deployed" },
  changes: [],
  outputs: [],
  losses: [],
  policies: { packs: ["vllm-policies"], findings: [] },
  notes: [],
  errors: [],
};

const deployment = (...paths: string[]): Change => ({
  operation: "update",
  kind: "Deployment",
  name: "vllm",
  fields: paths.map((path) => ({ path, before: "a", after: "b" })),
});

describe("the fields that a preview changes", () => {
  it("are named as a reader names them: containers and variables by name, arguments by flag", () => {
    const pod = (length: string, model: string): object => ({
      containers: [
        { name: "server", args: ["--max-model-len", length, "--enforce-eager"] },
        { name: "other", env: [{ name: "MODEL_ID", value: model }] },
      ],
    });
    assert.deepEqual(fieldChanges({ spec: pod("32768", "a/b") }, { spec: pod("16384", "c/d") }), [
      { path: "spec.containers[server].args --max-model-len", before: "32768", after: "16384" },
      { path: "spec.containers[other].env[MODEL_ID].value", before: "a/b", after: "c/d" },
    ]);
  });

  it("show what is added and what is removed", () => {
    assert.deepEqual(fieldChanges({ gone: 1, "a/b": 1 }, { new: [1], "a/b": 2 }), [
      { path: "gone", before: "1" },
      { path: '["a/b"]', before: "1", after: "2" },
      { path: "new", after: "[1]" },
    ]);
  });

  it("give the length of what is too long to read", () => {
    assert.deepEqual(fieldChanges("x", "y\n"), [{ path: "", before: "x", after: "(2 characters)" }]);
  });
});

describe("what a change means", () => {
  const args = resolveArgs("vllm", { modelId: "Qwen/Qwen2.5-7B-Instruct-AWQ" });
  const phases = (...changes: Change[]): string[] | undefined =>
    inferenceRestart(changes, args).restart?.phases.map(({ what, seconds }) => `${what.split(" (")[0]} ${seconds}`);

  it("is no restart while the pod's template stays as it is", () => {
    assert.equal(phases(deployment("metadata.labels.team")), undefined);
    assert.equal(phases({ operation: "create", kind: "Deployment", name: "vllm", fields: [] }), undefined);
  });

  it("is a restart within the stack's limits when the template changes", () => {
    assert.deepEqual(phases(deployment("spec.template.spec.containers[server].args --max-model-len")), [
      "the old pod stops and the new one is made 660",
      "the new pod finds a node 600",
      "the model is loaded 805",
    ]);
  });

  it("adds the pull of another image and the download of another model", () => {
    const image = "spec.template.spec.containers[server].image";
    const model = "spec.template.spec.initContainers[model-downloader].env[MODEL_ID].value";
    assert.deepEqual(phases(deployment(image, model)), [
      "the old pod stops and the new one is made 660",
      "the new pod finds a node 600",
      "the new image is pulled 1800",
      "the model is downloaded 3600",
      "the model is loaded 805",
    ]);
  });

  it("is the end of the model when the Deployment is deleted", () => {
    assert.deepEqual(phases({ ...deployment(), operation: "delete" }), []);
  });

  it("names what is lost with a claim, a namespace, a key and a Route, and nothing that is only updated", () => {
    const of = (operation: Change["operation"]): string[] =>
      lossesOf(
        ["PersistentVolumeClaim", "Namespace", "RandomPassword", "Route", "ConfigMap"].map((kind) => ({
          operation,
          kind,
          name: "x",
          fields: [],
        })),
        inferenceLosses,
      );
    assert.deepEqual(of("update"), []);
    assert.equal(of("delete").length, 4);
    assert.equal(
      of("replace")[0],
      "PersistentVolumeClaim x (replace): the downloaded model: the next start downloads it again",
    );
  });
});

describe("what a change of a gateway means", () => {
  it("is no outage while its Deployment is only updated", () => {
    const rolled = gatewayRestart([deployment("spec.replicas", "spec.template.spec.volumes[config].configMap.name")]);
    assert.deepEqual(rolled, {
      rollout: { because: ["spec.template.spec.volumes[config].configMap.name"], stopSeconds: 300 },
    });
    assert.deepEqual(gatewayRestart([deployment("spec.replicas")]), {});
    assert.match(
      markdown({ ...report, ...rolled }),
      /replaced without an outage[\s\S]*an old one answers until a new one/,
    );
  });

  it("is one where the Deployment is made anew, or goes away", () => {
    const of = (operation: Change["operation"]): PreviewReport => ({
      ...report,
      ...gatewayRestart([{ ...deployment(), operation }]),
    });
    assert.deepEqual(of("replace").rollout, undefined);
    assert.match(markdown(of("replace")), /\*\*the gateway is away meanwhile\*\*[\s\S]*for at most 15 min/);
    assert.match(markdown(of("delete")), /The gateway goes away\*\*, and no other/);
  });

  it("names what is lost with its key, which is the clients', and with its namespace, in which no model lies", () => {
    const gone = ["RandomPassword", "Namespace", "ConfigMap"].map((kind): Change => {
      return { operation: "replace", kind, name: "x", fields: [] };
    });
    assert.deepEqual(lossesOf(gone, gatewayLosses), [
      "RandomPassword x (replace): the master key, which is the clients' key: every client needs the new one",
      "Namespace x (replace): everything in the namespace",
    ]);
  });

  it("names the aliases that go", () => {
    const events = { ...readEvents(""), previous: { aliases: ["a", "b"] } };
    const lost = (aliases: unknown): string[] => gateway.consequences({ ...events, next: { aliases } }, {}, "").losses;
    assert.deepEqual(lost(["b", "c"]), ["alias a: who asks for it is refused"]);
    assert.deepEqual(gateway.consequences({ ...events, next: undefined }, {}, "").losses, []);
  });
});

describe("the engine's events", () => {
  const step = (op: string, type = "kubernetes:core/v1:PersistentVolumeClaim"): object => ({
    resourcePreEvent: {
      metadata: {
        op,
        type,
        urn: `urn:pulumi:dev::vllm-inference::${type}::vllm-claim`,
        old: { inputs: { metadata: { name: "cache" }, spec: { size: "30Gi" } } },
        new: { inputs: { metadata: { name: "cache" }, spec: { size: "40Gi" } } },
      },
    },
  });
  const log = (...events: object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join("");

  it("become changes, a replacement only one", () => {
    const { changes } = readEvents(log(step("create-replacement"), step("replace"), step("delete-replaced")));
    const fields = [{ path: "spec.size", before: "30Gi", after: "40Gi" }];
    assert.deepEqual(changes, [{ operation: "replace", kind: "PersistentVolumeClaim", name: "cache", fields }]);
  });

  it("show an object whose name tells its content as one that changes, with the settings in its file", () => {
    const type = "kubernetes:core/v1:ConfigMap";
    const config = (op: string, hash: string, context: number): object => {
      const file = `model_list:\n${["a", "a", "b"].map((name) => `  - { model_name: ${name}, context: ${context} }`).join("\n")}`;
      const inputs = { metadata: { name: `config-${hash}` }, data: { "config.yaml": file } };
      const side = op === "create" ? { new: { inputs } } : { old: { inputs } };
      return {
        resourcePreEvent: { metadata: { op, type, urn: `urn:pulumi:dev::g::${type}::config-${hash}`, ...side } },
      };
    };
    const other = step("delete", type);
    const { changes } = readEvents(log(config("create", "0123456789", 2), other, config("delete", "abcdef0123", 1)));
    assert.deepEqual(
      changes.map(({ operation, name }) => `${operation} ${name}`),
      ["replace config-0123456789", "delete cache"],
    );
    assert.deepEqual(changes[0]?.fields, [
      { path: "metadata.name", before: "config-abcdef0123", after: "config-0123456789" },
      ...["a", "a 2", "b"].map((name) => {
        return { path: `data["config.yaml"].model_list[${name}].context`, before: "1", after: "2" };
      }),
    ]);
  });

  it("tell of the stack's outputs twice: as they are, and as they will be", () => {
    const told = (old: object, next: object): object => ({
      resOutputsEvent: { metadata: { type: "pulumi:pulumi:Stack", old: { outputs: old }, new: { outputs: next } } },
    });
    const key = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
    const later = { names: ["b"], url: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", key };
    const { outputs, previous, next } = readEvents(
      log(told({ names: ["a"] }, { names: ["a"] }), told({ names: ["a"] }, later)),
    );
    assert.deepEqual(outputs, [
      { path: "names", before: '["a"]', after: '["b"]' },
      { path: "url", after: "(known after `up`)" },
      { path: "key", after: "(secret)" },
    ]);
    assert.deepEqual([previous, next], [{ names: ["a"] }, later]);
  });

  it("say nothing of what stays, of providers and of components", () => {
    const types = [
      "pulumi:providers:kubernetes",
      "pulumi:pulumi:Stack",
      "vllm-inference:index:VllmInference",
      "vllm-gateway:index:LiteLlm",
    ];
    assert.deepEqual(readEvents(log(step("same"), ...types.map((type) => step("update", type)))).changes, []);
  });

  it("become verdicts, errors and notes without colours", () => {
    const policyEvent = { policyName: "require-recreate", enforcementLevel: "mandatory", message: "<{%reset%}>bad\n" };
    const urn = "urn:pulumi:dev::p::vllm-inference:index:VllmInference::vllm";
    const found = readEvents(
      log(
        { policyEvent },
        { policyAnalyzeSummaryEvent: { policyPackName: "vllm-policies" } },
        { diagnosticEvent: { severity: "error", message: "<{%fg 1%}>no<{%reset%}>" } },
        { diagnosticEvent: { severity: "info", urn, message: "fits L4" } },
        { diagnosticEvent: { severity: "debug", message: "noise" } },
      ),
    );
    assert.deepEqual(found.policies, {
      packs: ["vllm-policies"],
      findings: [{ policy: "require-recreate", level: "mandatory", message: "bad" }],
    });
    assert.deepEqual([found.errors, found.notes], [["no"], ["fits L4"]]);
  });
});

describe("the reviewer's text", () => {
  it("says when nothing changes, and what it was compared with", () => {
    assert.equal(
      markdown(report),
      [
        "### `dev`: nothing changes",
        "`vllm-policies`: no objection.",
        "<sub>Against `0123456789ab`, deployed on an embedded cluster. No cluster of yours was asked, no secret was used.</sub>",
      ].join("\n\n"),
    );
  });

  it("does not take the silence of no pack for consent", () => {
    assert.match(markdown({ ...report, policies: { packs: [], findings: [] } }), /No policy pack has judged/);
  });

  it("reports a refusal as what it is: old or new", () => {
    const refused = (isNew: boolean): PreviewReport => ({
      ...report,
      stack: "prod",
      refusal: { text: "'image' must name a digest", isNew },
    });
    assert.match(markdown(refused(false)), /As before this change, the program refuses this stack/);
    assert.match(markdown(refused(true)), /makes it impossible to deploy/);
    assert.deepEqual([isAcceptable(refused(false)), isAcceptable(refused(true))], [true, false]);
  });

  it("lets a stranger's text do nothing: no mention, no link, no HTML, no table cell, no end of its span", () => {
    const attack = "`@everyone` <img src=x> [a](https://x.example) | b\n\n# c \u202Etxt";
    const text = markdown({
      ...report,
      base: { ...report.base, note: attack },
      refusal: { text: attack, isNew: false },
      rollout: { because: [attack], stopSeconds: 300 },
      restart: { of: "model", because: [attack], phases: [{ what: attack, seconds: 60 }] },
      outputs: [{ path: attack, before: attack, after: attack }],
      notes: [attack],
      errors: [`\`\`\`\n${attack}`],
      changes: [{ operation: "update", kind: attack, name: attack, fields: [{ path: attack, before: attack }] }],
      losses: [attack],
      policies: { packs: [attack], findings: [{ policy: attack, level: "mandatory", message: attack }] },
    });
    const outside = text
      .replaceAll(/^```text\n[^`]*\n```$/gm, "")
      .split("\n")
      .map((line) => line.replaceAll(/`[^`]*`/g, ""))
      .join("\n");
    assert.doesNotMatch(outside, /everyone|img|x\.example|# c|`/);
    assert.doesNotMatch(text, /\u202E/);
  });

  it("is cut at a line's end where a comment cannot hold it", () => {
    const notes = Array.from({ length: 50 }, (_, index) => `note ${index} ${"x".repeat(250)}`);
    const text = summary([{ ...report, notes }], 3_000);
    assert.ok(text.length < 3_100);
    assert.match(text, /`\n\n… and more: see the summary of the run\.\n$/);
  });

  it("comes only from a report of the known shape", () => {
    assert.ok(reportSchema.safeParse(report).success);
    assert.ok(!reportSchema.safeParse({ ...report, pullRequest: 7 }).success);
    assert.ok(!reportSchema.safeParse({ ...report, stack: "x".repeat(101) }).success);
  });
});

describe("a report that its readers take", () => {
  it("is cut where a text or a list is longer than they allow", () => {
    const long = "x".repeat(9_000);
    const changes = Array.from({ length: 600 }, () => deployment(long));
    const whole = { ...report, changes, refusal: { text: `${long}\n\n${long}`, isNew: true }, errors: [long, "short"] };
    assert.equal(reportSchema.safeParse(whole).success, false);
    const cut = bounded(whole);
    assert.equal(reportSchema.safeParse(cut).success, true);
    assert.deepEqual([cut.changes.length, cut.refusal?.text.length, cut.errors[1]], [500, 4_000, "short"]);
    assert.equal(whole.changes.length, 600);
  });

  it("is there also for a stack whose preview could not begin", () => {
    const failed = bounded(failedReport("dev", "0123456789abcdef", "pulumi stack init failed: no `disk`"));
    assert.equal(isAcceptable(failed), false);
    assert.match(markdown(failed), /^### `dev`: \*\*the preview fails\*\*[\s\S]*pulumi stack init failed: no 'disk'/);
    assert.match(
      markdown(failed),
      /\n<sub>It was to be against `0123456789ab`, and nothing of it was previewed\.<\/sub>$/,
    );
    assert.doesNotMatch(markdown(failed), /did not come to its end/);
  });
});
