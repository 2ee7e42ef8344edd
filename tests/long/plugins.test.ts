import assert from "node:assert/strict";
import path from "node:path";
import { unreachable, withoutRights } from "./plugins/kubeconfigs";
import type { Program } from "./plugins/program";
import { TestStack, type Outcome } from "../../harness/stack";
import { officialPlugin, plugins } from "../../local/plugins/official";

type Resources = Program["resources"];

const canary = "canary-of-the-stand-ins";

describe("the kubernetes and random providers, official ones or stand-ins, against a real API server", function () {
  let stack: TestStack;
  const namespace = "plugins";

  before(async () => {
    stack = await TestStack.create(namespace, { main: path.join(__dirname, "plugins/program.ts"), project: "plugins" });
    // The resources are data; checking their types once more would take most of the time.
    stack.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
  });
  after(() => stack.remove());

  function write(
    resources: Resources,
    settings: Record<string, unknown> = {},
    outputs: Record<string, string> = {},
  ): void {
    const provider = {
      kubeconfig: stack.cluster.kubeconfig,
      context: stack.cluster.context,
      clusterIdentifier: "test",
      enableSecretMutable: "true",
      enableConfigMapMutable: "true",
      upsertExistingObjects: "true",
      ...settings,
    };
    stack.env["PLUGIN_TEST_PROGRAM"] = JSON.stringify({ provider, resources, outputs } satisfies Program);
  }

  const space: Resources = {
    space: {
      type: "kubernetes:core/v1:Namespace",
      args: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    },
  };
  // Through the namespace's output, as in the program: nothing is created before it.
  const inside = "$ref:space:metadata.name";

  function configMap(data: Record<string, string>, more: { name?: string; annotations?: Record<string, string> } = {}) {
    const metadata = { namespace: inside, name: "settings", ...more };
    return { type: "kubernetes:core/v1:ConfigMap", args: { apiVersion: "v1", kind: "ConfigMap", metadata, data } };
  }

  function token(value: string, extra: Record<string, unknown> = {}) {
    const metadata = { namespace: inside, name: "token" };
    const args = { apiVersion: "v1", kind: "Secret", metadata, stringData: { token: `$secret:${value}` }, ...extra };
    return { type: "kubernetes:core/v1:Secret", args };
  }

  function deployment(label: string, image: string, annotations: Record<string, string>) {
    const labels = { app: label };
    return {
      type: "kubernetes:apps/v1:Deployment",
      args: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { namespace: inside, name: "work", annotations },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              hostNetwork: false,
              nodeSelector: {},
              containers: [{ name: "main", image, resources: { limits: { cpu: "1000m", memory: "1024Mi" } } }],
            },
          },
        },
      },
    };
  }
  const atOnce = { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" };

  function ended(outcome: Outcome, exitCode = 0): string {
    assert.equal(outcome.exitCode, exitCode, outcome.text);
    return outcome.text;
  }
  const get = async (kind: string, name: string, jsonpath: string): Promise<string> =>
    stack.cluster.kubectl("get", kind, name, "--namespace", namespace, "--output", `jsonpath=${jsonpath}`);

  const whole: Resources = {
    ...space,
    settings: configMap({ colour: "red", uid: "$ref:work:metadata.uid" }),
    token: token(canary),
    work: deployment("work", "example.test/work:1", atOnce),
    key: {
      type: "random:index/randomPassword:RandomPassword",
      args: { length: 24, special: false, keepers: { a: "1" } },
    },
  };
  const ordered = (changes: Resources): Resources => {
    const { settings, ...rest } = { ...whole, ...changes };
    return settings === undefined ? rest : { ...rest, settings };
  };

  const rolled = { token: token(`${canary}-2`), work: deployment("work-2", "example.test/work:1", atOnce) };

  it("creates, and reports the outputs that only the server knows", async () => {
    write(ordered({}), {}, { uid: "$ref:work:metadata.uid", key: "$ref:key:result" });
    assert.match(ended(await stack.up()), /7 created/);
    const { uid, key } = await stack.outputs();
    assert.equal(await get("deployment", "work", "{.metadata.uid}"), uid);
    assert.equal(await get("configmap", "settings", "{.data.uid}"), uid);
    assert.match(String(key), /^[a-zA-Z0-9]{24}$/);
  });

  it("finds nothing to do when nothing changed, though the server writes quantities and zero values otherwise", async () => {
    ended(await stack.preview("--refresh", "--expect-no-changes"));
  });

  it("keeps secrets encrypted in state and out of previews", async () => {
    const state = await stack.pulumi("stack", "export");
    write(ordered({ token: token(`${canary}-2`) }));
    const preview = ended(await stack.preview("--diff"));
    for (const text of [
      canary,
      Buffer.from(canary).toString("base64"),
      Buffer.from(`${canary}-2`).toString("base64"),
    ]) {
      assert.ok(!state.includes(text) && !preview.includes(text), `${text} is readable`);
    }
    assert.match(preview, /token: \[secret\] => \[secret\]/);
  });

  it("updates a Secret in place, and replaces a Deployment whose selector changes, delete first, since its name is given", async () => {
    const before = {
      token: await get("secret", "token", "{.metadata.uid}"),
      work: await get("deployment", "work", "{.metadata.uid}"),
    };
    write(ordered(rolled));
    assert.match(ended(await stack.up()), /1 replaced/);
    assert.equal(await get("secret", "token", "{.metadata.uid}"), before.token);
    assert.equal(Buffer.from(await get("secret", "token", "{.data.token}"), "base64").toString(), `${canary}-2`);
    const uid = await get("deployment", "work", "{.metadata.uid}");
    assert.notEqual(uid, before.work);
    assert.equal(await get("configmap", "settings", "{.data.uid}"), uid);
  });

  it("replaces a Secret where it is not mutable", async () => {
    write(ordered({ ...rolled, token: token(`${canary}-3`) }), { enableSecretMutable: "false" });
    const preview = ended(await stack.preview("--diff"));
    assert.match(preview, /\+-\s*kubernetes:core\/v1:Secret: \(replace\)/);
  });

  it("finds by refresh what another field manager changed, and reports the conflict", async () => {
    const { cluster } = stack;
    const patch = JSON.stringify({ spec: { replicas: 3 } });
    const flags = ["--namespace", namespace, "--field-manager", "oc", "--type", "merge", "--patch", patch];
    await cluster.kubectl("patch", "deployment", "work", ...flags);
    write(ordered(rolled));
    assert.match(ended(await stack.refresh()), /1 updated/);
    const text = ended(await stack.preview("--diff"), 1);
    assert.match(text, /replicas: 3 => 1/);
    assert.match(text, /server-side apply field conflict detected/);
    assert.match(text, /conflict with "oc"/);
  });

  it("takes the field back with patchForce", async () => {
    const forced = deployment("work-2", "example.test/work:1", { ...atOnce, "pulumi.com/patchForce": "true" });
    write(ordered({ ...rolled, work: forced }));
    ended(await stack.up());
    assert.equal(await get("deployment", "work", "{.spec.replicas}"), "1");
    ended(await stack.preview("--expect-no-changes"));
  });

  it("leaves ignored fields to whoever sets them", async () => {
    await stack.cluster.kubectl("scale", "deployment", "work", "--namespace", namespace, "--replicas", "2");
    const ignoring = {
      ...deployment("work-2", "example.test/work:2", atOnce),
      options: { ignoreChanges: ["spec.replicas"] },
    };
    write(ordered({ ...rolled, work: ignoring }));
    ended(await stack.refresh());
    ended(await stack.up());
    assert.equal(await get("deployment", "work", "{.spec.replicas}"), "2");
    assert.equal(await get("deployment", "work", "{.spec.template.spec.containers[0].image}"), "example.test/work:2");
    assert.equal(await get("deployment", "work", "{.spec.selector.matchLabels.app}"), "work-2");
  });

  it("names what the program leaves unnamed and keeps that name, and does not delete what is protected", async () => {
    const { type, args } = configMap({ colour: "red" });
    const unnamed = (data: Record<string, string>, options: object): Resources => ({
      unnamed: { type, args: { ...args, data, metadata: { namespace: inside } }, options },
    });
    const outputs = { name: "$ref:unnamed:metadata.name" };
    write({ ...space, ...unnamed({ colour: "red" }, { protect: true }) }, {}, outputs);
    ended(await stack.up());
    const { name } = await stack.outputs();
    assert.match(String(name), /^unnamed-[0-9a-f]{7,8}$/);
    write(space);
    assert.match(ended(await stack.up(), 1), /protected/);
    write({ ...space, ...unnamed({ colour: "blue" }, {}) }, {}, outputs);
    ended(await stack.up());
    assert.equal(await get("configmap", String(name), "{.data.colour}"), "blue");
    await assert.rejects(get("deployment", "work", "{.metadata.uid}"), /not found/);
  });

  it("records an object whose wait timed out, and waits again at the next up", async () => {
    const never = { "pulumi.com/waitFor": "jsonpath={.data.colour}=green", "pulumi.com/timeoutSeconds": "1" };
    const late = (colour: string): Resources => ({
      ...space,
      late: configMap({ colour }, { name: "late", annotations: never }),
    });
    write(late("red"));
    const text = ended(await stack.up(), 1);
    assert.match(text, /failed to fully initialize or become live: timed out waiting for the condition/);
    assert.match(text, /Waiting for \{\.data\.colour\}=green \(found "red"\)/);
    // It is recorded, or nothing would be left to wait for.
    assert.match(ended(await stack.up(), 1), /timed out waiting/);
    write(late("green"));
    ended(await stack.up());
  });

  it("stops at an object that exists already, unless told to take it over or to import it", async () => {
    for (const name of ["theirs", "found"]) {
      await stack.cluster.kubectl("create", "configmap", name, "--namespace", namespace, "--from-literal", "a=1");
    }
    const theirs = configMap({ a: "2" }, { name: "theirs", annotations: { "pulumi.com/patchForce": "true" } });
    const found = { ...configMap({ a: "1" }, { name: "found" }), options: { import: `${namespace}/found` } };
    const made = configMap({ a: "1", b: "2" }, { name: "made" });
    write({ ...space, theirs, made }, { upsertExistingObjects: "false" });
    assert.match(ended(await stack.up(), 1), /configmaps "theirs" already exists/);
    write({ ...space, theirs, made, found });
    assert.match(ended(await stack.up()), /1 imported/);
    assert.equal(await get("configmap", "theirs", "{.data.a}"), "2");
  });

  it("owns what it created plainly, under the field manager asked for: a field that the program drops goes away", async () => {
    const annotations = { "pulumi.com/patchFieldManager": "the-program" };
    write({ ...space, made: configMap({ a: "1" }, { name: "made", annotations }) });
    ended(await stack.up());
    assert.equal(await get("configmap", "made", "{.data}"), '{"a":"1"}');
    assert.equal(await get("configmap", "made", "{.metadata.managedFields[*].manager}"), "the-program");
  });

  it("previews without a cluster, and fails up with the reason", async () => {
    write({ ...space, made: configMap({ a: "3" }, { name: "made" }) }, { kubeconfig: unreachable });
    assert.match(ended(await stack.preview("--diff")), /a: "1" => "3"/);
    assert.match(ended(await stack.up(), 1), /configured Kubernetes cluster is unreachable/);
  });

  it("previews without rights, and says what is forbidden", async () => {
    const powerless = { kubeconfig: await withoutRights(stack), context: "nobody" };
    write(
      { ...space, made: configMap({ a: "1" }, { name: "made" }), more: configMap({ a: "1" }, { name: "more" }) },
      powerless,
    );
    assert.match(ended(await stack.preview()), /Retry #0; creation failed: .* is forbidden/);
    assert.match(ended(await stack.up(), 1), /is forbidden/);
    await assert.rejects(get("configmap", "more", "{.data}"), /not found/i);
  });

  it("refuses what it cannot do (of the stand-in alone)", async function () {
    if (await officialPlugin(plugins.kubernetes)) {
      console.log("    skipped: the official kubernetes provider is installed here, and can do it");
      this.skip();
    }
    write(space, { renderYamlToDirectory: "/tmp/x" });
    assert.match(ended(await stack.preview(), 1), /'renderYamlToDirectory' is not supported by the stand-in/);
    write({ ...space, settings: configMap({}, { annotations: { "pulumi.com/replaceUnready": "true" } }) });
    assert.match(ended(await stack.preview(), 1), /does not know this annotation/);
  });

  it("deletes, and waits until everything is gone", async () => {
    write(space);
    ended(await stack.up());
    ended(await stack.destroy());
    await assert.rejects(stack.cluster.kubectl("get", "namespace", namespace), /not found/i);
  });
});
