/** What the chain starts is what the component and the gateway render; these tests need neither of the servers. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { render } from "../../gateway/render";
import { differences, directNames, mistaken, vllmProcess } from "./vllm";
import { liteLlmContainer, others, withOthers } from "./settings";

const model = {
  stack: "organization/vllm-inference/chain",
  modelId: "Tiny/Ping",
  servedModelNames: ["Tiny/Ping", "Ping"],
  maxModelLen: 32_768,
  toolCallParser: "hermes",
  url: "http://127.0.0.1:8000",
  aliases: ["claude-sonnet-4-5"],
  apiKey: "chain-key",
};

const names = ["Tiny/Ping", "Ping", ...directNames].join(" ");

describe("what the chain starts", () => {
  it("is the component's command line, with the models' folder and the port of this machine", () => {
    assert.deepEqual(
      vllmProcess("/models-cache", 8000, "3.3").args.join(" "),
      `-m vllm.entrypoints.openai.api_server --model /models-cache/Tiny/Ping --served-model-name ${names} --port 8000 --dtype auto ` +
        "--max-model-len 32768 --max-num-seqs 128 --gpu-memory-utilization 0.9 --tensor-parallel-size 1 --enforce-eager " +
        "--enable-auto-tool-choice --tool-call-parser hermes",
    );
    assert.deepEqual(Object.keys(differences).sort(), [
      "--port",
      "HF_HUB_OFFLINE",
      "LD_PRELOAD",
      "OMP_NUM_THREADS",
      "VLLM_API_KEY",
      "VLLM_CACHE_ROOT",
      "VLLM_CPU_KVCACHE_SPACE",
      "VLLM_ENABLE_V1_MULTIPROCESSING",
    ]);
  });

  it("makes two mistakes where it shall, and no other", () => {
    const { args } = vllmProcess("/models-cache", 8000, "3.3");
    const wrong = mistaken(args, "pythonic").join(" ");
    assert.equal(
      wrong,
      args.join(" ").replace(` --served-model-name ${names}`, "").replace("parser hermes", "parser pythonic"),
    );
  });

  it("keeps the gateway's file as it is, and adds to its end", () => {
    const { config } = render([model]);
    const own = parse(config) as { model_list: unknown[] };
    const all = parse(withOthers(config, { url: "http://x", key: "k", model: "/m" })) as {
      model_list: { model_name: string }[];
    };
    assert.deepEqual(all.model_list.slice(0, own.model_list.length), own.model_list);
    assert.deepEqual({ ...all, model_list: own.model_list }, own);
    const added = all.model_list.slice(own.model_list.length).map(({ model_name: name }) => name);
    assert.deepEqual(added, Object.values(others));
  });

  it("starts LiteLLM as the gateway's container is started", () => {
    const { args, env, readinessPath } = liteLlmContainer("/config.yaml", 4000, "/home/x");
    assert.deepEqual(args, ["--config", "/config.yaml", "--port", "4000"]);
    assert.equal(env["LITELLM_LOCAL_MODEL_COST_MAP"], "True");
    assert.equal(readinessPath, "/health/readiness");
  });
});
