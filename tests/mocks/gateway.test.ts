import assert from "node:assert/strict";
import { dev, inferenceOutputs, modelKey, runGateway } from "./gateway";
import { named, only, type Recorded, type Run } from "./program";

const aliases = ["claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"];
const registration = "pulumi-nodejs:dynamic/litellm:Registration";

async function refusal(...args: Parameters<typeof runGateway>): Promise<string> {
  const run: Run | Error = await runGateway(...args).catch((error: unknown) => error as Error);
  assert.ok(run instanceof Error, "nothing was refused");
  return run.message;
}

describe("the gateway in mode deploy", () => {
  let run: Run;
  before(async () => (run = await runGateway({ aliases })));

  it("makes LiteLLM and what it needs, and nothing else", () => {
    const made = run.resources.filter(({ inputs }) => "kind" in inputs).map(({ inputs }) => inputs["kind"]);
    assert.deepEqual(made.toSorted(), [
      "ConfigMap",
      "Deployment",
      "Namespace",
      "NetworkPolicy",
      "Route",
      "Secret",
      "Secret",
      "Service",
      "ServiceAccount",
    ]);
  });

  it("writes the list and the models' keys only after the gate, and starts the pod after both", () => {
    const config = only(run, "kubernetes:core/v1:ConfigMap");
    for (const resource of [config, named(run, "litellm-model-keys")]) {
      assert.deepEqual(resource.hooks.beforeCreate, ["litellm-ownership", "litellm-gate"]);
      assert.deepEqual(resource.hooks.beforeUpdate, ["litellm-gate"]);
    }
    const { dependsOn } = only(run, "kubernetes:apps/v1:Deployment");
    for (const name of [config.name, "litellm-model-keys"]) assert.ok(dependsOn.includes(name), name);
  });

  it("names the config after its content, in both of its names", async () => {
    const config = only(run, "kubernetes:core/v1:ConfigMap");
    const { name } = config.inputs["metadata"] as { name: string };
    assert.match(name, /^litellm-config-[0-9a-f]{10}$/);
    assert.equal(config.name, name);
    const other = await runGateway({ aliases: aliases.slice(1) });
    assert.notEqual(only(other, "kubernetes:core/v1:ConfigMap").name, config.name);
  });

  it("shows its objects to nobody in plain text that must not be seen", () => {
    const plain = (resource: Recorded): string => JSON.stringify(resource.inputs);
    for (const resource of run.resources.filter(({ type }) => type !== "kubernetes:core/v1:Secret")) {
      assert.ok(!plain(resource).includes(modelKey), resource.name);
    }
  });

  it("makes a Route with another host anew, which OpenShift would let nobody change", () => {
    assert.deepEqual(only(run, "kubernetes:route.openshift.io/v1:Route").replaceOnChanges, ["spec.host"]);
  });

  it("exports the URL, the aliases, and the key and Claude Code's block as secrets", () => {
    const { url, key, aliases: exported, maxModelLen, claudeCode } = run.outputs;
    assert.equal(maxModelLen, 32768);
    assert.equal(url, "https://generated.apps.example.com");
    assert.deepEqual(exported, aliases);
    assert.deepEqual(key, { secret: "sk-generated-api-key" });
    const { exports } = (claudeCode as { secret: { exports: string } }).secret;
    assert.match(exports, /^export ANTHROPIC_BASE_URL='https:\/\/generated\.apps\.example\.com'$/m);
    assert.match(exports, /^export CLAUDE_CODE_MAX_OUTPUT_TOKENS='4096'$/m);
  });

  it("spreads an alias over several models, and fits Claude Code to the smallest", async () => {
    const big = "organization/vllm-inference/big";
    const models = [{ stack: dev }, { stack: big, aliases: ["claude-sonnet-4-5-20250929"] }];
    const outputs = inferenceOutputs({
      internalUrl: "http://vllm.big.svc:8000",
      maxModelLen: 131072,
      apiKey: undefined,
    });
    const both = await runGateway({ aliases, models }, { [dev]: inferenceOutputs(), [big]: outputs });
    const { data } = only(both, "kubernetes:core/v1:ConfigMap").inputs as { data: Record<string, string> };
    assert.equal(data["config.yaml"]?.match(/model_name: claude-sonnet-4-5-20250929/g)?.length, 2);
    const { exports } = (both.outputs["claudeCode"] as { secret: { exports: string } }).secret;
    assert.match(exports, /CLAUDE_CODE_MAX_OUTPUT_TOKENS='4096'/);
    const { spec } = only(both, "kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs as {
      spec: { egress: object[] };
    };
    assert.equal(spec.egress.length, 3, "DNS and two models");
  });

  describe("in front of a stack with several models", () => {
    const facts = (name: string): object => {
      const internalUrl = `http://${name}.vllm-inference.svc:8000`;
      const routeUrl = `https://${name}.apps.example.com`;
      return { ...inferenceOutputs({ internalUrl, routeUrl, apiKey: undefined }), apiKeySecretName: `${name}-api-key` };
    };
    const several = {
      models: { vllm: facts("vllm"), coder: facts("coder") },
      apiKeys: { vllm: "key-of-vllm", coder: "key-of-coder" },
    };
    const entry = (model: string | undefined, alias: string): object => ({ stack: dev, model, aliases: [alias] });

    it("gives each alias to the model that the configuration names, with that model's key", async () => {
      const { resources, outputs } = await runGateway(
        {
          models: [entry("vllm", "a"), entry("coder", "b")],
          mode: "register",
          litellmUrl: "https://l.example.com",
          litellmAdminKey: "k",
        },
        { [dev]: several },
      );
      const made = resources
        .filter(({ type }) => type === registration)
        .map(({ inputs }) => {
          const { model_name, litellm_params } = inputs["entry"] as {
            model_name: string;
            litellm_params: { api_base: string };
          };
          return [model_name, litellm_params.api_base, (inputs["apiKey"] as { value: string }).value];
        });
      assert.deepEqual(made, [
        ["a", "https://vllm.apps.example.com/v1", "key-of-vllm"],
        ["b", "https://coder.apps.example.com/v1", "key-of-coder"],
      ]);
      assert.deepEqual(outputs["aliases"], ["a", "b"]);
    });

    it("wants to know which, and leaves out one that is not there", async () => {
      assert.match(
        await refusal({ models: [{ stack: dev }] }, { [dev]: several }),
        /'models\[0\]\.model' must name one of the stack's models \(coder, vllm\); set it with `pulumi config set [^`]*--path 'models\[0\]\.model' coder`/,
      );
      const left = await runGateway({ models: [entry("coder", "a"), entry("codr", "b")] }, { [dev]: several });
      assert.deepEqual(left.outputs["aliases"], ["a"]);
    });

    it("knows the only model of a stack without its name, with the entries that it had", async () => {
      const one = { ...inferenceOutputs(), models: { vllm: facts("vllm") }, apiKeys: { vllm: modelKey } };
      const config = ({ resources }: Run): unknown =>
        resources.find(({ type, name }) => type.endsWith(":ConfigMap") && name.startsWith("litellm-config"))?.name;
      const before = config(await runGateway({ aliases }));
      assert.equal(config(await runGateway({ aliases }, { [dev]: one })), before);
    });
  });

  it("leaves out a stack that is gone, and refuses when none is left", async () => {
    const gone = "organization/vllm-inference/gone";
    const models = [{ stack: dev }, { stack: gone }];
    const left = await runGateway({ aliases, models });
    assert.deepEqual(left.outputs["aliases"], aliases);
    assert.match(
      await refusal({ models: [{ stack: gone }] }),
      /'models' \(organization\/vllm-inference\/gone\) must name at least one stack that holds a model; run `pulumi up` there first/,
    );
  });

  it("says every mistake at once, of the configuration and of the stacks", async () => {
    const outputs = inferenceOutputs({ maxModelLen: 4096, toolCallParser: undefined });
    const text = await refusal({ replicas: 0, imagee: "x", image: "litellm:main-latest" }, { [dev]: outputs });
    for (const field of ["imagee", "image", "replicas", "models[0].maxModelLen", "models[0].toolCallParser"]) {
      assert.ok(text.includes(`'${field}'`), `${field} is missing in ${text}`);
    }
    assert.match(text, /^5 mistakes in the configuration of stack 'dev':/);
  });
});

describe("the gateway in mode register", () => {
  const keys = {
    mode: "register",
    litellmUrl: "https://litellm.example.com",
    litellmAdminKey: "sk-admin-canary",
    litellmClientKey: "sk-client-canary",
    aliases,
  };
  let run: Run;
  before(async () => (run = await runGateway(keys)));

  it("makes an entry for each alias, each behind the gate, and no object on a cluster", () => {
    const entries = run.resources.filter(({ type }) => type === registration);
    assert.equal(entries.length, 2);
    for (const { hooks } of entries) {
      assert.deepEqual([hooks.beforeCreate, hooks.beforeUpdate], [[`litellm-gate-${dev}`], [`litellm-gate-${dev}`]]);
    }
    assert.ok(!run.resources.some(({ type }) => type.startsWith("kubernetes:")));
  });

  it("reaches the model by its Route, which a LiteLLM elsewhere can", () => {
    const [entry] = run.resources.filter(({ type }) => type === registration);
    const { litellm_params } = entry!.inputs["entry"] as { litellm_params: object };
    assert.deepEqual(litellm_params, {
      model: "hosted_vllm/Qwen2.5-7B-Instruct-AWQ",
      api_base: "https://vllm.apps.example.com/v1",
    });
  });

  it("passes the keys as secret inputs, and does not capture them in the provider", () => {
    const [entry] = run.resources.filter(({ type }) => type === registration);
    const { __provider: code, adminKey, apiKey } = entry!.inputs;
    assert.ok(typeof code === "string" && code.includes("/v1/model/info"));
    for (const key of ["sk-admin-canary", "sk-client-canary", modelKey]) assert.ok(!code.includes(key));
    assert.equal((adminKey as { value: string }).value, "sk-admin-canary");
    assert.equal((apiKey as { value: string }).value, modelKey);
  });

  it("exports the clients' key, not the admin's", () => {
    assert.deepEqual(run.outputs["key"], { secret: "sk-client-canary" });
    assert.ok(!JSON.stringify(run.outputs).includes("sk-admin-canary"));
  });

  it("needs the URL and the admin key, and that encrypted", async () => {
    const text = await refusal({ mode: "register", aliases });
    assert.match(text, /'litellmUrl' must be the http or https URL of a LiteLLM with a database/);
    assert.match(text, /'litellmAdminKey' must be set while 'mode' is register/);
  });
});

describe("the gateway in mode direct", () => {
  it("makes nothing and points at vLLM itself, under its served names", async () => {
    const run = await runGateway({ mode: "direct" });
    assert.deepEqual(
      run.resources.map(({ type }) => type).filter((type) => type !== "pulumi:pulumi:Stack"),
      [],
    );
    assert.equal(run.outputs["url"], "https://vllm.apps.example.com");
    assert.deepEqual(run.outputs["key"], { secret: modelKey });
    assert.deepEqual(run.outputs["aliases"], ["Qwen2.5-7B-Instruct-AWQ"]);
  });

  it("refuses an alias that the server does not answer to", async () => {
    const servedModelNames = ["Qwen/Qwen2.5-7B-Instruct-AWQ", "claude-sonnet-4-5-20250929"];
    const text = await refusal({ mode: "direct", aliases }, { [dev]: inferenceOutputs({ servedModelNames }) });
    assert.match(
      text,
      /^1 mistake .*\n {2}- 'models\[0\]\.aliases' \(claude-haiku-4-5-20251001\) must be one of the served names \(Qwen\/Qwen2\.5-7B-Instruct-AWQ, claude-sonnet-4-5-20250929\) while 'mode' is direct; add it to servedModelNames in organization\/vllm-inference\/dev/,
    );
  });
});
