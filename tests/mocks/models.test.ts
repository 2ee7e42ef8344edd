/** Several models by one configuration. */
import assert from "node:assert/strict";
import { type Recorded, type Run, canary, named, runProgram, stackConfig, withKeys } from "./program";

function run(models: Record<string, object> | undefined, keys: Record<string, string> = {}): Promise<Run> {
  const own = models === undefined ? {} : { models: JSON.stringify(models) };
  return runProgram({ config: withKeys(stackConfig("dev"), { hfToken: canary, ...own, ...keys }) });
}

/** Every object but the provider, by its place in the program; whose it is apart, where that may differ. */
function objects({ resources }: Run, parent?: string): Map<string, Recorded> {
  const wanted = resources.filter(({ type }) => !type.startsWith("pulumi:"));
  return new Map(
    wanted.flatMap((each) =>
      parent === undefined || each.parent === parent ? [[`${each.type} ${each.name}`, each]] : [],
    ),
  );
}

const coder = { modelId: "Qwen/Qwen2.5-Coder-7B-Instruct", maxModelLen: 16384, pvcSize: "40Gi" };

describe("several models by one configuration", () => {
  let flat: Run;
  let one: Run;
  let two: Run;
  before(async () => {
    flat = await run(undefined);
    one = await run({ vllm: {} });
    two = await run({ vllm: {}, coder });
  });

  it("are each as the flat keys make one, but for the namespace and the token, which they share", () => {
    const shared = ["kubernetes:core/v1:Namespace vllm-namespace", "kubernetes:core/v1:Secret vllm-hf-token"];
    const [before, after] = [objects(flat, "vllm"), objects(one, "vllm")];
    assert.deepEqual([...before.keys()].toSorted(), [...after.keys()].toSorted());
    for (const [name, { inputs, dependsOn }] of after) {
      if (shared.includes(name)) continue;
      assert.deepEqual(inputs, before.get(name)?.inputs, name);
      const own = (names: readonly string[] = []): string[] =>
        names.filter((each) => each !== "vllm-namespace" && each !== "vllm-hf-token");
      assert.deepEqual(own(dependsOn), own(before.get(name)?.dependsOn), name);
    }
  });

  it("keep the namespace and the token of the one model before them, and of the several where it is one again", () => {
    for (const [from, type] of [
      [one, "VllmInference"],
      [flat, "SharedNamespace"],
    ] as const) {
      for (const name of ["vllm-namespace", "vllm-hf-token"]) {
        const { aliases } = from.resources.find((each) => each.name === name && each.type.includes("core/v1"))!;
        assert.deepEqual(aliases, [`urn:pulumi:test::vllm-inference::vllm-inference:index:${type}::vllm`]);
      }
    }
  });

  it("do not show in each other's objects: a further one adds its own and changes nothing", () => {
    const before = objects(one);
    const after = objects(two);
    for (const [name, { inputs, parent }] of before) {
      assert.deepEqual([after.get(name)?.inputs, after.get(name)?.parent], [inputs, parent], name);
    }
    const added = [...after.keys()].filter((name) => !before.has(name));
    assert.deepEqual(
      added.filter((name) => after.get(name)!.parent !== "coder"),
      ["vllm-inference:index:VllmInference coder"],
    );
  });

  it("stay as they are where the first of three goes, and in whatever order they stand", async () => {
    const own = async (...names: string[]): Promise<Map<string, Recorded>> => {
      const all = objects(await run(Object.fromEntries(names.map((name) => [name, name === "coder" ? coder : {}]))));
      return new Map([...all].filter(([, { name }]) => !name.startsWith("first")));
    };
    const three = await own("first", "vllm", "coder");
    for (const names of [
      ["vllm", "coder"],
      ["coder", "vllm"],
    ]) {
      const left = await own(...names);
      assert.deepEqual([...left.keys()].toSorted(), [...three.keys()].toSorted());
      for (const [name, each] of left) assert.deepEqual(each, three.get(name), name);
    }
  });

  it("have one namespace and one token between them, and each its own claim, API key, Service and Route", () => {
    const kinds = [...objects(two).values()].map(({ type }) => type.split(":").at(-1));
    const count = (kind: string): number => kinds.filter((each) => each === kind).length;
    assert.deepEqual(
      ["Namespace", "PersistentVolumeClaim", "RandomPassword", "Service", "Route"].map(count),
      [1, 2, 2, 2, 2],
    );
    const holders = two.resources.filter(({ inputs }) =>
      JSON.stringify(inputs).includes(Buffer.from(canary).toString("base64")),
    );
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["vllm-hf-token"],
    );
    const env = JSON.stringify(named(two, "coder-deployment").inputs);
    assert.ok(
      env.includes('{"key":"token","name":"vllm-hf-token"}') || env.includes('{"name":"vllm-hf-token","key":"token"}'),
    );
  });

  it("take their own settings, and else those beside the map", async () => {
    const { outputs } = await run({ vllm: {}, coder }, { maxModelLen: "8192" });
    const { models } = outputs as { models: Record<string, { maxModelLen: number; modelId: string }> };
    assert.deepEqual([models["vllm"]?.maxModelLen, models["coder"]?.maxModelLen], [8192, 16384]);
    assert.equal(models["coder"]?.modelId, coder.modelId);
  });

  it("are told by their names, without the outputs of a single one", () => {
    assert.deepEqual(Object.keys(two.outputs).toSorted(), ["apiKeys", "models"]);
    const { models, apiKeys } = two.outputs as { models: Record<string, object>; apiKeys: { secret: object } };
    assert.deepEqual(Object.keys(models), ["vllm", "coder"]);
    assert.deepEqual(Object.keys(apiKeys.secret), ["vllm", "coder"]);
  });

  it("say every mistake of every model at once, each by its path", async () => {
    const seen: Run = { resources: [], hooks: [], outputs: {} };
    const models = {
      coder: { maxModelLen: 0, pvcSize: "lots", maxModelLenn: 1, namespace: "mine" },
      Small: { routePath: "v1", enforceEager: "maybe" },
      third: 3,
    };
    const config = withKeys(stackConfig("dev"), { hfToken: canary, models: JSON.stringify(models), dtype: "int3" });
    await assert.rejects(runProgram({ config }, undefined, seen), (error: Error) => {
      const lines = error.message.split("\n").slice(1);
      const paths = lines.map((line) => /^ {2}- '([^']*)'/.exec(line)?.[1]).toSorted();
      assert.deepEqual(paths, [
        "dtype",
        "models.Small",
        "models.Small.enforceEager",
        "models.Small.routePath",
        "models.coder.maxModelLen",
        "models.coder.maxModelLenn",
        "models.coder.namespace",
        "models.coder.pvcSize",
        "models.third",
      ]);
      assert.match(
        error.message,
        /'models\.coder\.maxModelLenn' must be a known field; set 'models\.coder\.maxModelLen' if that was meant/,
      );
      assert.match(error.message, /'models\.coder\.namespace' must stand beside 'models', for all of them/);
      return true;
    });
    assert.deepEqual(seen.resources, []);
  });

  it("cannot have one host, nor the claim of each other", async () => {
    const models = {
      a: { routeHost: "llm.example.com" },
      b: { routeHost: "llm.example.com", existingClaim: "a-models-cache" },
    };
    await assert.rejects(run(models, { createNamespace: "false" }), (error: Error) => {
      assert.match(error.message, /'models\.b\.routeHost' \(llm\.example\.com\) must be another than that of 'a'/);
      assert.match(error.message, /'models\.b\.existingClaim' \(a-models-cache\) must not be the claim that 'a' makes/);
      return true;
    });
  });
});
