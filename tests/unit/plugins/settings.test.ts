import assert from "node:assert/strict";
import { DiffRequest } from "@pulumi/pulumi/proto/provider_pb";
import { diffConfig } from "../../../local/plugins/kubernetes/configure";
import { loadKubeConfig, parseSettings, settingsFailures } from "../../../local/plugins/kubernetes/settings";
import { encode, type ValueMap } from "../../../local/plugins/shared/wire";

function kubeconfig(servers: Record<string, string>, namespace = "default"): string {
  const names = Object.keys(servers);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: names.map((name) => ({ name, cluster: { server: servers[name] } })),
    users: [{ name: "me", user: {} }],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: "me", namespace } })),
    "current-context": names[0],
  });
}

/** The provider arguments that change, with a `!` where the provider, and all it made, would be replaced. */
async function changes(olds: ValueMap, news: ValueMap): Promise<string[]> {
  const request = new DiffRequest();
  request.setOldInputs(encode(olds));
  request.setNews(encode(news));
  const response = await diffConfig(request);
  const replaces = response.getReplacesList();
  const keys: string[] = [];
  response.getDetaileddiffMap().forEach((_change, key) => keys.push(key));
  return keys.map((key) => (replaces.includes(key) ? `${key}!` : key));
}

describe("settings of the kubernetes stand-in", () => {
  it("refuses what it would not honour, all at once", () => {
    const given = {
      kubeconfig: "x",
      renderYamlToDirectory: "/tmp",
      enablePatchForce: "perhaps",
      enableServerSideApply: "false",
    };
    assert.deepEqual(
      settingsFailures(given).map(({ property }) => property),
      ["renderYamlToDirectory", "enablePatchForce", "enableServerSideApply"],
    );
    assert.deepEqual(
      settingsFailures({ kubeconfig: "x", context: "c", enableSecretMutable: "true", version: "4.34.2" }),
      [],
    );
  });

  it("reads switches as the SDK sends them, as text", () => {
    const settings = parseSettings({ enableSecretMutable: "true", enableConfigMapMutable: "false", kubeconfig: "" });
    assert.deepEqual(
      [settings.secretMutable, settings.configMapMutable, settings.kubeconfig],
      [true, false, undefined],
    );
  });

  it("takes a kubeconfig's content or path, and says which context is missing", async () => {
    const content = kubeconfig({ a: "https://a", b: "https://b" });
    const config = await loadKubeConfig({ kubeconfig: content, context: "b" });
    assert.equal(config.getCurrentCluster()?.server, "https://b");
    await assert.rejects(loadKubeConfig({ kubeconfig: content, context: "c" }), /context "c" does not exist/);
    await assert.rejects(
      loadKubeConfig({ kubeconfig: "/no/such/file", context: undefined }),
      /\/no\/such\/file does not exist/,
    );
  });

  const [a, b] = [kubeconfig({ one: "https://a" }), kubeconfig({ one: "https://b" })];

  it("replaces the provider when the cluster behind the kubeconfig changes, and only then", async () => {
    assert.deepEqual(await changes({ kubeconfig: a }, { kubeconfig: b }), ["kubeconfig!"]);
    assert.deepEqual(await changes({ kubeconfig: a }, { kubeconfig: kubeconfig({ one: "https://a" }, "other") }), [
      "kubeconfig",
    ]);
    assert.deepEqual(await changes({ kubeconfig: a }, { kubeconfig: a, enablePatchForce: "true" }), [
      "enablePatchForce",
    ]);
    assert.deepEqual(await changes({ kubeconfig: a, version: "1" }, { kubeconfig: a, version: "2" }), []);
  });

  it("goes by the identifier where there is one", async () => {
    const named = (kubeconfig: string, clusterIdentifier: string): ValueMap => ({ kubeconfig, clusterIdentifier });
    assert.deepEqual(await changes(named(a, "x"), named(b, "x")), ["kubeconfig"]);
    assert.deepEqual(await changes(named(a, "x"), named(a, "y")), ["clusterIdentifier!"]);
    assert.deepEqual(await changes({ kubeconfig: a }, named(a, "x")), ["clusterIdentifier"]);
  });
});
