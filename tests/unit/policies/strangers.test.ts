/** Containers and objects that strangers have written: what serves vLLM, what downloads, and what the pack says to neither. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { policies } from "../../../policies/index";
import { servingBecause } from "../../../policies/lib/evidence";
import { objectsOf } from "../../../policies/lib/objects";
import { podsOf, type Container } from "../../../policies/lib/pods";
import { forbidPlaintextSecrets } from "../../../policies/resource/forbidPlaintextSecrets";
import { requireHfHubOnline } from "../../../policies/resource/requireHfHubOnline";
import { requireServiceLinksDisabled } from "../../../policies/resource/requireServiceLinksDisabled";
import { resource, workload } from "./resources";
import { judge, unknown, type Json, type Resource } from "./support";

interface Stranger {
  readonly says: string;
  readonly kind?: string;
  readonly container: Json;
  readonly pod?: Json;
  readonly init?: boolean;
  /** Why it serves vLLM; null if it does not. */
  readonly serves?: string | null;
  /** Why it downloads, where the policy finds fault with it, and the value that the policy shows. */
  readonly finds?: string | null;
  readonly value?: string;
  readonly config?: Json;
}

interface StrangersValue {
  readonly says: string;
  readonly name: string;
  readonly value: string;
  readonly shows: string | null;
}

interface Manifest extends Json {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface StrangersKind {
  readonly says: string;
  readonly object: Manifest;
  readonly at: readonly string[];
}

interface StrangersManifests {
  readonly says: string;
  readonly finds: readonly string[];
  readonly has?: string;
  readonly documents: readonly Manifest[];
  /** Of another entry, without the one that is named `Kind/name`. */
  readonly and?: readonly Manifest[];
  readonly without?: string;
}

function load<Entry = Stranger>(name: string): Entry[] {
  const file = path.join(__dirname, "strangers", name);
  return parse(readFileSync(file, "utf8"), { merge: true }) as Entry[];
}

function around({ kind = "Deployment", container, pod = {}, init }: Stranger): Resource {
  const own = { name: "c", ...container };
  const containers = init
    ? { initContainers: [own], containers: [{ name: "web", image: "web:1" }] }
    : { containers: [own] };
  return workload(kind, { ...containers, ...pod });
}

function first(stranger: Stranger): Container {
  const [object] = objectsOf({ ...around(stranger), urn: "urn:pulumi:dev::project::type::name" });
  const found = object && podsOf(object)[0]?.containers[0];
  assert.ok(found);
  return found;
}

describe("what serves vLLM", () => {
  for (const stranger of [...load("servers/vllm.yaml"), ...load("servers/others.yaml")]) {
    it(`${stranger.serves ? "knows" : "leaves alone"} ${stranger.says}`, () => {
      assert.equal(servingBecause(first(stranger)) ?? null, stranger.serves);
    });
  }
});

describe("what downloads, and may not", () => {
  for (const stranger of load("downloads.yaml")) {
    it(`${stranger.finds ? "refuses" : "passes"} ${stranger.says}`, async () => {
      const found = await judge(requireHfHubOnline, around(stranger), { config: stranger.config ?? {} });
      assert.equal(found.length, stranger.finds ? 1 : 0, found.join("\n"));
      if (!stranger.finds) return;
      assert.ok(found[0]?.includes(`(downloads, because ${stranger.finds}): '`), found[0]);
      assert.ok(found[0]?.includes(`' (${stranger.value ?? "absent"}) must be `), found[0]);
    });
  }
});

describe("what is a secret in plain text", () => {
  for (const { says, name, value, shows } of load<StrangersValue>("secrets.yaml")) {
    it(`${shows === null ? "leaves alone" : "refuses"} ${says}`, async () => {
      const text = value.replace("+", value.includes("://") ? "+" : "");
      const env = workload("Deployment", { containers: [{ name: "c", env: [{ name, value: text }] }] });
      const map = resource("core/v1:ConfigMap", "settings", { data: { [name]: text } });
      const found = [...(await judge(forbidPlaintextSecrets, env)), ...(await judge(forbidPlaintextSecrets, map))];
      assert.equal(found.length, shows === null ? 0 : 2, found.join("\n"));
      for (const sentence of found) {
        assert.ok(sentence.includes(`${name}' (${shows ?? ""}) must`), sentence);
        assert.ok(!sentence.includes(text), "the message shows the secret");
      }
    });
  }
});

describe("where the pack finds pods", () => {
  const kinds = ["workloads", "kserve", "ray"].flatMap((group) => load<StrangersKind>(`kinds/${group}.yaml`));
  for (const { says, object, at } of kinds) {
    it(`${at.length > 0 ? "finds" : "leaves alone"} ${says}`, async () => {
      const found = await judge(requireServiceLinksDisabled, registered(object));
      const paths = found.map((sentence) => /: '(.*)\.enableServiceLinks'/.exec(sentence)?.[1]);
      assert.deepEqual(paths, at, found.join("\n"));
    });
  }
});

describe("what is not known yet", function () {
  const job = (args: unknown[]): Resource =>
    workload("Job", {
      containers: [
        {
          name: "c",
          image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.1",
          args,
          env: [{ name: "HF_HUB_OFFLINE", value: "0" }],
        },
      ],
      restartPolicy: "Never",
    });
  const given: [string, Resource][] = [
    ["one argument of a download", job(["hf", "download", unknown])],
    ["the script of a shell", job(["bash", "-c", unknown])],
    ["the first word", job([unknown, "download", "x/y"])],
    [
      "the whole command",
      workload("Deployment", { containers: [{ name: "c", image: "vllm/vllm-openai:v0.11.0", command: unknown }] }),
    ],
    [
      "the image",
      workload("Deployment", {
        containers: [{ name: "c", image: unknown, resources: { limits: { "nvidia.com/gpu": 1 } } }],
      }),
    ],
  ];
  for (const [says, resource] of given) {
    it(`raises nothing for ${says}`, async () => {
      for (const policy of policies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory"))
        assert.deepEqual(await judge(policy, resource), [], policy.name);
    });
  }
});

describe("what the pack says to a stranger's manifests", function () {
  const manifests = ["whole.yaml", "neighbours.yaml"].flatMap((name) => load<StrangersManifests>(name));
  for (const { says, finds, has, documents, and = [], without } of manifests) {
    it(`${finds.length > 0 ? "refuses" : "passes"} ${says}`, async () => {
      const others = and.filter(({ kind, metadata }) => `${kind}/${metadata.name}` !== without);
      const found: string[] = [];
      const sentences: string[] = [];
      for (const policy of policies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")) {
        const own = await judge(policy, [...others, ...documents].map(registered));
        found.push(...own.map(() => policy.name));
        sentences.push(...own);
      }
      assert.deepEqual(found, finds, sentences.join("\n"));
      if (has !== undefined)
        assert.ok(
          sentences.some((sentence) => sentence.includes(has)),
          sentences.join("\n"),
        );
    });
  }
});

function registered(props: Manifest): Resource {
  const version = props.apiVersion === "v1" ? "core/v1" : props.apiVersion;
  return { type: `kubernetes:${version}:${props.kind}`, name: props.metadata.name, props };
}
