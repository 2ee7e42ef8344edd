/** What a running deployment keeps, and when its pod starts anew: by the program's changes, and by somebody else's. */
import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import { canaryToken, TestStack, type Outcome } from "../../harness/stack";

const root = path.resolve(__dirname, "../..");
const namespace = "changes";
const anotherToken = "hf_anotherAnotherAnotherAnotherAnoth";

let program: string;
let stack: TestStack;

before(async () => {
  // A program of its own, whose script can change.
  program = mkdtempSync(path.join(tmpdir(), "vllm-program-"));
  for (const part of ["index.ts", "package.json", "components", "shared"]) {
    cpSync(path.join(root, part), path.join(program, part), { recursive: true });
  }
  symlinkSync(path.join(root, "node_modules"), path.join(program, "node_modules"));
  stack = await TestStack.create(namespace, { main: program });
  const { exitCode, text } = await stack.up();
  assert.equal(exitCode, 0, text);
});
after(async () => {
  await stack.remove();
  rmSync(program, { recursive: true, force: true });
});

const kubectl = (...args: readonly string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);

/** What a deployment is, by kind and name. */
type Objects = Record<string, { metadata: { uid: string }; data?: Record<string, string>; spec?: object }>;

async function objects(): Promise<Objects> {
  const kinds = "deployment,pvc,service,route,serviceaccount,secret,configmap";
  const { items } = JSON.parse(await kubectl("get", kinds, "-o", "json")) as {
    items: (Objects[string] & { kind: string; metadata: { name: string } })[];
  };
  return Object.fromEntries(items.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

const uids = (all: Objects): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([name, { metadata }]) => [name, metadata.uid]));

async function onlyPod(): Promise<V1Pod> {
  const { items } = JSON.parse(await kubectl("get", "pods", "-o", "json")) as { items: V1Pod[] };
  assert.equal(items.length, 1, "it is one pod");
  return items[0]!;
}

describe("an update of a running deployment that changes much at once", () => {
  const seen = async () => ({ objects: await objects(), pod: await onlyPod() });
  let was: Awaited<ReturnType<typeof seen>>;
  let is: Awaited<ReturnType<typeof seen>>;
  let outcome: Outcome;

  before(async () => {
    was = await seen();
    await stack.pulumi("config", "set", "--secret", "hfToken", anotherToken);
    appendFileSync(path.join(program, "components/downloader/download.py"), "# another line\n");
    stack.configure({
      apiKeyRotation: 2,
      image: "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5",
      modelId: "Qwen/Qwen2.5-3B-Instruct",
      toolCallParser: "hermes",
      modelsPath: "/var/models",
      pvcSize: "40Gi",
    });
    outcome = await stack.up("--diff", "--show-reads", "--show-sames", "--logtostderr", "-v=2");
    assert.equal(outcome.exitCode, 0, outcome.text.slice(-3000));
    is = await seen();
  });

  it("keeps every object in place, the claim above all, and renames none", () => {
    assert.ok("PersistentVolumeClaim/vllm-models-cache" in was.objects);
    assert.deepEqual(uids(is.objects), uids(was.objects));
  });

  it("rolls the pod", () => assert.notEqual(is.pod.metadata?.uid, was.pod.metadata?.uid));

  const checksum = (name: string) => (pod: V1Pod) => pod.metadata?.annotations?.[`vllm-inference/${name}-checksum`];
  const inThePod: Readonly<Record<string, (pod: V1Pod) => string | undefined>> = {
    "the token": checksum("token"),
    "the API key": checksum("api-key"),
    "the downloader's script": checksum("script"),
    "the image": (pod) => pod.spec?.containers[0]?.image,
    "the model": (pod) => pod.spec?.initContainers?.[0]?.env?.find(({ name }) => name === "MODEL_ID")?.value,
    "the mount path": (pod) => pod.spec?.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath).join(),
  };
  for (const [what, of] of Object.entries(inThePod)) {
    it(`rolls it for ${what}: the pod's template says what that is`, () => {
      assert.ok(of(was.pod));
      assert.notEqual(of(is.pod), of(was.pod));
    });
  }

  it("writes the new token and a new API key, and tells the latter", async () => {
    const secret = ({ objects }: typeof is, name: string, key: string): string =>
      Buffer.from(objects[`Secret/vllm-${name}`]?.data?.[key] ?? "", "base64").toString();
    assert.equal(secret(was, "hf-token", "token"), canaryToken);
    assert.equal(secret(is, "hf-token", "token"), anotherToken);
    const key = secret(is, "api-key", "api-key");
    assert.ok(key.length > 0);
    assert.notEqual(key, secret(was, "api-key", "api-key"));
    assert.equal((await stack.outputs()).apiKey, key);
  });

  // With --debug, or from -v=3 on, Pulumi's SDK writes out the outputs of every resource, secrets included, whatever the program:
  // https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/nodejs/runtime/resource.ts ("RegisterResource RPC finished").
  it("prints no secret, old or new, at the highest verbosity at which Pulumi itself prints none", () => {
    const secrets = [was, is].flatMap(({ objects }) =>
      ["hf-token", "api-key"].flatMap((name) => Object.values(objects[`Secret/vllm-${name}`]?.data ?? {})),
    );
    assert.equal(new Set(secrets).size, 4);
    for (const encoded of secrets) {
      for (const secret of [encoded, Buffer.from(encoded, "base64").toString()]) {
        const at = outcome.text.indexOf(secret);
        assert.equal(at, -1, `a secret was printed: ${outcome.text.slice(Math.max(0, at - 300), at)}`);
      }
    }
  });

  it("grows the claim in place where its class can expand", () => {
    const spec = is.objects["PersistentVolumeClaim/vllm-models-cache"]?.spec as
      { resources: { requests: { storage: string } } } | undefined;
    assert.equal(spec?.resources.requests.storage, "40Gi");
  });
});

describe("a smaller claim", () => {
  it("is refused at preview and deletes nothing", async () => {
    const before = uids(await objects());
    stack.configure({ pvcSize: "20Gi" });
    const { exitCode, text } = await stack.preview();
    stack.configure({ pvcSize: "40Gi" });
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /A claim cannot shrink: set `pvcSize` to its present size or more\./);
    assert.deepEqual(uids(await objects()), before);
  });
});

describe("a Deployment that another tool has changed", () => {
  const server = "jsonpath={.spec.template.spec.containers[0].image}";

  it("is found by refresh", async () => {
    await kubectl("set", "image", "deployment/vllm", "server=quay.io/somebody/else:1", "--field-manager=oc");
    const { exitCode, text } = await stack.refresh("--diff");
    assert.equal(exitCode, 0, text);
    assert.match(text, /quay\.io\/somebody\/else:1/);
  });

  it("is mended by the next up, which says what it took back from whom and waits until the pod is Ready", async () => {
    const { exitCode, text } = await stack.up();
    assert.equal(exitCode, 0, text);
    const change =
      "Deployment vllm: 'oc' has set spec.template.spec.containers[server].image; this update takes it back.";
    assert.ok(text.includes(change), text);
    const [image, live, ready, published] = await Promise.all([
      kubectl("get", "deployment", "vllm", "-o", server),
      kubectl("get", "deployment", "vllm", "-o", "jsonpath={.metadata.generation}"),
      kubectl("get", "deployment", "vllm", "-o", "jsonpath={.status.readyReplicas}"),
      kubectl("get", "configmap", "vllm-published", "-o", "jsonpath={.data.deploymentGeneration}"),
    ]);
    assert.equal(image, "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5");
    assert.equal(ready, "1");
    assert.equal(published, live);
  });

  it("is named also where the cluster does not say who it was: `kubectl scale` leaves no manager", async () => {
    await kubectl("scale", "deployment/vllm", "--replicas=0");
    const { exitCode, text } = await stack.up("--refresh");
    assert.equal(exitCode, 0, text);
    assert.match(text, /Deployment vllm: somebody whom the cluster does not name, .* has set spec\.replicas; this/);
    assert.equal(await kubectl("get", "deployment", "vllm", "-o", "jsonpath={.status.readyReplicas}"), "1");
  });

  it("is then as the program says: nothing is left to do", async () => {
    const { exitCode, text } = await stack.preview("--refresh", "--expect-no-changes");
    assert.equal(exitCode, 0, text);
  });
});
