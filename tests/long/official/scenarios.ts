/** What a kubernetes provider is asked, to hold the stand-in against the official one. Each gives what there is to compare. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DiffResponse } from "@pulumi/pulumi/proto/provider_pb";
import type { TestCluster } from "../../../harness/cluster";
import { isMap, reveal, revealMap, Secret, type Value, type ValueMap } from "../../../local/plugins/shared/wire";
import type { Provider } from "../../unit/plugins/provider";
import { Refusal } from "../../unit/plugins/provider";
import { claim, configMap, deployment, object, route, service, types, urn, type Kind } from "./objects";

export interface Place {
  readonly cluster: TestCluster;
  /** Of this scenario alone, and there. */
  readonly namespace: string;
  /** A provider with the program's settings, over these. */
  readonly provider: (settings?: Readonly<Record<string, string>>) => Promise<Provider>;
}

type Scenario = (place: Place) => Promise<Value>;

/** How an operation ended: what it said when it was refused, and what it told meanwhile. */
async function ending(provider: Provider, operation: Promise<unknown>): Promise<ValueMap> {
  const error = await operation.then(
    () => undefined,
    (reason: unknown) => {
      if (reason instanceof Refusal) return reason;
      throw reason;
    },
  );
  // An empty text only takes away the one before, and may come after the answer.
  const told = [...provider.told].filter((each) => !each.endsWith(": ")).sort();
  return {
    ...(error === undefined ? { done: true } : { refused: error.message }),
    ...(error && error.reasons.length > 0 && { reasons: [...error.reasons] }),
    ...(told.length > 0 && { told }),
  };
}

/** Where values are secret, and nothing else. */
function secrets(value: Value, at = ""): string[] {
  if (value instanceof Secret) return [at];
  if (Array.isArray(value)) return value.flatMap((item, index) => secrets(item, `${at}[${index}]`));
  return isMap(value)
    ? Object.entries(value).flatMap(([key, each]) => secrets(each, at === "" ? key : `${at}.${key}`))
    : [];
}

/** What an import reads of an object that `kubectl apply` has made, as the old script's `oc apply` did. */
const imports =
  (kind: Kind, made: (namespace: string) => ValueMap): Scenario =>
  async ({ cluster, namespace, provider }) => {
    await cluster.kubectlWithInput(JSON.stringify(made(namespace)), "apply", "-f", "-");
    // Its controller writes its own annotation a moment later.
    const revision = "jsonpath={.metadata.annotations.deployment\\.kubernetes\\.io/revision}";
    const read = (): Promise<string> => cluster.kubectl("-n", namespace, "get", "deployment", "it", "-o", revision);
    if (kind === "Deployment") while ((await read()) === "") await sleep(100);
    const asked = await provider();
    const found = await asked.read(urn(types[kind]), `${namespace}/it`);
    return { inputs: revealMap(found?.inputs ?? {}), secret: secrets(found?.inputs ?? {}) };
  };

/** What a creation records: the inputs, the names of the outputs, and what of all that is secret. */
const creates =
  (kind: Kind, made: (namespace: string) => ValueMap, output?: string): Scenario =>
  async ({ namespace, provider }) => {
    const asked = await provider();
    const inputs = await asked.check(urn(types[kind]), made(namespace));
    const { id, state } = await asked.create(urn(types[kind]), inputs);
    const recorded = revealMap({ inputs: state["__inputs"] ?? {} })["inputs"] as ValueMap;
    const again = await asked.diff(urn(types[kind]), id, state, recorded, inputs);
    return {
      id,
      changed: again.getChanges() !== DiffResponse.DiffChanges.DIFF_NONE,
      inputs: recorded,
      outputs: Object.keys(state).sort(),
      secret: secrets(state),
      ...(output !== undefined && { [output]: reveal(state[output] ?? null) }),
    };
  };

/** How a wait ends that never comes true. */
const waits =
  (kind: Kind, made: (namespace: string) => ValueMap): Scenario =>
  async ({ namespace, provider }) => {
    const asked = await provider();
    return ending(asked, asked.create(urn(types[kind]), made(namespace), { timeout: 5 }));
  };

/** Each operation on a cluster that does not answer, with a ConfigMap in the state. */
const unreachable =
  (settings: (place: Place) => Promise<Record<string, string>> | Record<string, string>): Scenario =>
  async (place) => {
    const { namespace } = place;
    const olds = configMap(namespace, "red");
    const state = { ...olds, __inputs: olds, __fieldManager: "pulumi-kubernetes-00000000", __initialApiVersion: "v1" };
    const news = configMap(namespace, "blue");
    const id = `${namespace}/it`;
    const type = urn(types.ConfigMap);
    const operations: Record<string, (asked: Provider) => Promise<unknown>> = {
      check: (asked) => asked.check(type, news),
      "preview of a creation": (asked) => asked.create(type, news, { preview: true }),
      creation: (asked) => asked.create(type, news),
      "preview of an update": (asked) => asked.update(type, id, state, olds, news, { preview: true }),
      update: (asked) => asked.update(type, id, state, olds, news),
      diff: (asked) => asked.diff(type, id, state, olds, news),
      refresh: (asked) => asked.read(type, id, state, olds),
      deletion: (asked) => asked.delete(type, id, state, olds),
    };
    const endings: ValueMap = {};
    const asked = await place.provider(await settings(place));
    for (const [name, operation] of Object.entries(operations)) {
      asked.told.clear();
      endings[name] = await ending(asked, operation(asked));
    }
    return endings;
  };

export function kubeconfig(server: string, cluster: object = {}, user: object = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "local", context: { cluster: "c", user: "u" } }],
    "current-context": "local",
  });
}

async function withToken({ cluster }: Place, token: string): Promise<string> {
  const view = await cluster.kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json");
  const { clusters } = JSON.parse(view) as { clusters: [{ cluster: { server: string } & object }] };
  const { server, ...ca } = clusters[0].cluster;
  return kubeconfig(server, ca, { token });
}

const atOnce = { "pulumi.com/waitFor": "jsonpath={.metadata.uid}" };
const admitted = { "pulumi.com/waitFor": "jsonpath={.status.ingress[0].host}" };
const never = { "pulumi.com/waitFor": "jsonpath={.data.colour}=green" };

/** Two operations one after the other on the same object: how the second ends. */
const then =
  (
    kind: Kind,
    made: (namespace: string) => ValueMap,
    next: (asked: Provider, place: Place, id: string, state: ValueMap) => Promise<unknown>,
    settings: Readonly<Record<string, string>> = {},
  ): Scenario =>
  async (place) => {
    const asked = await place.provider(settings);
    const { id, state } = await asked.create(urn(types[kind]), made(place.namespace));
    asked.told.clear();
    return ending(asked, next(asked, place, id, state));
  };

async function scaledByAnother({ cluster, namespace }: Place): Promise<void> {
  const patch = JSON.stringify({ data: { colour: "green" } });
  const flags = ["--field-manager", "oc", "--type", "merge", "--patch", patch];
  await cluster.kubectl("-n", namespace, "patch", "configmap", "it", ...flags);
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  "import of a Deployment": imports("Deployment", (namespace) => deployment(namespace, {}, {})),
  "import of a claim": imports("PersistentVolumeClaim", claim),
  "import of a Service": imports("Service", service),
  "import of a Route": imports("Route", (namespace) => route(namespace, {})),
  "import of a Secret": imports("Secret", (namespace) =>
    object("Secret", namespace, {}, { stringData: { token: "abc" } }),
  ),
  "import of a ServiceAccount": imports("ServiceAccount", (namespace) => object("ServiceAccount", namespace, {}, {})),

  "creation of a Deployment": creates("Deployment", (namespace) => deployment(namespace, atOnce, { none: "such" })),
  "creation of a Secret": creates("Secret", (namespace) =>
    object("Secret", namespace, {}, { stringData: { token: "abc" } }),
  ),
  "creation of a Route": creates("Route", (namespace) => route(namespace, admitted), "status"),

  "wait for a Deployment": waits("Deployment", (namespace) => deployment(namespace, {}, { none: "such" })),
  "wait for a Service": waits("Service", service),
  "wait for a value": waits("ConfigMap", (namespace) => configMap(namespace, "red", never)),
  "wait for a value that is not there": waits("Route", (namespace) =>
    route(namespace, { "pulumi.com/waitFor": "jsonpath={.status.colour}" }),
  ),
  "wait for a condition": waits("Route", (namespace) => route(namespace, { "pulumi.com/waitFor": "condition=Ready" })),
  "wait for a deletion": then(
    "ConfigMap",
    (namespace) => configMap(namespace, "red"),
    async (asked, { cluster, namespace }, id, state) => {
      const kubectl = (finalizers: string[]): Promise<string> =>
        cluster.kubectl(
          "-n",
          namespace,
          "patch",
          "configmap",
          "it",
          "--type",
          "merge",
          "-p",
          JSON.stringify({ metadata: { finalizers } }),
        );
      await kubectl(["example.test/kept"]);
      try {
        await asked.delete(urn(types.ConfigMap), id, state, configMap(namespace, "red"), { timeout: 3 });
      } finally {
        await kubectl([]);
      }
    },
  ),

  "a field that another manager holds": then(
    "ConfigMap",
    (namespace) => configMap(namespace, "red"),
    async (asked, place, id, state) => {
      await scaledByAnother(place);
      const olds = configMap(place.namespace, "red");
      await asked.update(urn(types.ConfigMap), id, state, olds, configMap(place.namespace, "blue"));
    },
  ),
  "an immutable field": then(
    "Deployment",
    (namespace) => deployment(namespace, atOnce, { none: "such" }),
    (asked, { namespace }, id, state) => {
      const olds = deployment(namespace, atOnce, { none: "such" });
      const news = deployment(namespace, atOnce, { none: "such" }, { selector: { matchLabels: { app: "other" } } });
      return asked.update(urn(types.Deployment), id, state, olds, news);
    },
  ),
  "an object that exists": async (place) => {
    const { cluster, namespace } = place;
    await cluster.kubectl("-n", namespace, "create", "configmap", "it", "--from-literal", "colour=green");
    const asked = await place.provider({ upsertExistingObjects: "false" });
    return ending(asked, asked.create(urn(types.ConfigMap), configMap(namespace, "red")));
  },
  "a field that the API does not know": async ({ namespace, provider }) => {
    const asked = await provider();
    const news = { ...configMap(namespace, "red"), colours: "red" };
    return ending(asked, asked.create(urn(types.ConfigMap), news));
  },
  "a kind that the API does not know": async ({ namespace, provider }) => {
    const asked = await provider();
    const news = { apiVersion: "example.test/v1", kind: "Nothing", metadata: { name: "it", namespace }, spec: {} };
    return ending(asked, asked.create(urn("kubernetes:example.test/v1:Nothing"), news, { preview: true }));
  },
  "a namespace that is not there": async ({ provider }) => {
    const asked = await provider();
    return ending(asked, asked.create(urn(types.ConfigMap), configMap("no-such-namespace", "red"), { preview: true }));
  },
  "an object that is gone": async ({ namespace, provider }) => {
    const asked = await provider();
    const olds = configMap(namespace, "red");
    const found = await asked.read(urn(types.ConfigMap), `${namespace}/it`, { ...olds, __inputs: olds }, olds);
    return { found: found !== undefined };
  },

  "a server that is away": unreachable(() => ({ kubeconfig: kubeconfig("https://127.0.0.1:1") })),
  "a kubeconfig that is missing": unreachable(() => ({ kubeconfig: path.join("/nowhere", "config") })),
  "a context that is missing": unreachable(() => ({ kubeconfig: kubeconfig("https://127.0.0.1:1"), context: "other" })),
  "a login that has run out": unreachable(async (place) => ({ kubeconfig: await withToken(place, "run-out") })),
};
