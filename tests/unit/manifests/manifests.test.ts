import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { PlainArgs } from "../../../components/args/content";
import * as manifests from "../../../components/manifests";
import { resolveArgs } from "../../../components/args/resolve";

interface Env {
  name: string;
  value?: string;
}

interface Pod {
  automountServiceAccountToken?: boolean;
  securityContext: object;
  runtimeClassName?: string;
  nodeSelector?: object;
  imagePullSecrets?: object[];
  initContainers: [Container];
  containers: [Container];
  volumes: { name: string; [source: string]: unknown }[];
}

interface Container {
  name: string;
  env: Env[];
  imagePullPolicy?: string;
  securityContext?: { capabilities: { drop: string[] } };
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  volumeMounts: { name: string; mountPath: string }[];
}

function context(args: Omit<PlainArgs, "cluster">, component = "vllm"): manifests.Context {
  return {
    args: resolveArgs(component, args),
    owner: { stack: "organization/vllm-inference/test", component: "type::vllm" },
  };
}

function pod(args: Omit<PlainArgs, "cluster">): Pod {
  const { spec } = manifests.deployment(context(args), { script: "abc" }) as unknown as {
    spec: { template: { spec: Pod } };
  };
  return spec.template.spec;
}

function environment({ env }: Container): Record<string, string | undefined> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

describe("the server's arguments", () => {
  const defaults = manifests.serverArguments(resolveArgs("vllm", {}));

  it("are the documented ones", () => {
    assert.equal(
      defaults.join(" "),
      "--model /models-cache/Qwen/Qwen2.5-7B-Instruct-AWQ " +
        "--served-model-name Qwen/Qwen2.5-7B-Instruct-AWQ Qwen2.5-7B-Instruct-AWQ --port 8000 --dtype auto " +
        "--max-model-len 32768 --max-num-seqs 128 --gpu-memory-utilization 0.9 --tensor-parallel-size 1 " +
        "--enforce-eager --enable-auto-tool-choice --tool-call-parser hermes",
    );
  });

  it("have neither parser nor tools when tools are off", () => {
    const off = manifests.serverArguments(resolveArgs("vllm", { enableAutoToolChoice: false, enforceEager: false }));
    assert.deepEqual(
      defaults.filter((argument) => !off.includes(argument)),
      ["--enforce-eager", "--enable-auto-tool-choice", "--tool-call-parser", "hermes"],
    );
  });
});

describe("the pod", () => {
  it("asks for as many GPUs as the model is split over, and for no other", () => {
    const [server] = pod({ tensorParallelSize: 4, resources: { limits: { memory: "9Gi" } } }).containers;
    assert.deepEqual(server.resources, {
      requests: { "nvidia.com/gpu": "4" },
      limits: { memory: "9Gi", "nvidia.com/gpu": "4" },
    });
    assert.ok(!("nvidia.com/gpu" in pod({}).initContainers[0].resources.limits));
  });

  it("asks for the GPUs under the name that the nodes have for them", () => {
    const [server] = pod({ gpuResource: "nvidia.com/mig-3g.40gb" }).containers;
    assert.equal(server.resources.limits["nvidia.com/mig-3g.40gb"], "1");
    assert.ok(!("nvidia.com/gpu" in server.resources.limits));
    const rocm = { image: "registry.redhat.io/rhaii/vllm-rocm-rhel9:3.5", gpuResource: "amd.com/gpu" };
    const [other] = pod(rocm).containers;
    assert.equal(other.resources.requests["amd.com/gpu"], "1");
    assert.ok(!("NVIDIA_DRIVER_CAPABILITIES" in environment(other)));
  });

  it("mounts a template of one's own, and gives the server its path", () => {
    const spec = pod({ chatTemplate: "{{ messages }}" });
    const [server] = spec.containers;
    const mount = server.volumeMounts.find(({ name }) => name === "chat-template");
    const args = manifests.serverArguments(resolveArgs("vllm", { chatTemplate: "{{ messages }}" }));
    assert.equal(args[args.indexOf("--chat-template") + 1], `${mount?.mountPath}/chat-template.jinja`);
    assert.ok(spec.volumes.some(({ name }) => name === "chat-template"));
    assert.ok(!pod({}).volumes.some(({ name }) => name === "chat-template"));
  });

  it("downloads adapters beside the model and serves each by its name", () => {
    const loraAdapters = [
      { name: "sql", modelId: "me/sql", revision: "v1", rank: 24 },
      { name: "law", modelId: "me/law" },
    ];
    assert.equal(environment(pod({ loraAdapters }).initContainers[0])["MODEL_ADAPTERS"], "me/sql@v1\nme/law");
    assert.equal(
      manifests.serverArguments(resolveArgs("vllm", { loraAdapters })).slice(-8).join(" "),
      "--enable-lora --max-loras 2 --max-lora-rank 32 --lora-modules sql=/models-cache/me/sql law=/models-cache/me/law",
    );
  });

  it("has more environment of one's own, plain and from a Secret, after the program's", () => {
    const secretKeyRef = { name: "otel", key: "token" };
    const { env } = pod({ env: { VLLM_LOGGING_LEVEL: "DEBUG", OTEL_TOKEN: { secretKeyRef } } }).containers[0];
    assert.deepEqual(env.slice(-2), [
      { name: "VLLM_LOGGING_LEVEL", value: "DEBUG" },
      { name: "OTEL_TOKEN", valueFrom: { secretKeyRef } },
    ]);
  });

  it("says why the model's own code may run, where a policy looks for it, and not in the pod", () => {
    const made = manifests.deployment(context({ trustRemoteCode: "it was read" }), {});
    const { metadata, spec } = made as unknown as Record<"metadata", { annotations: object }> & { spec: object };
    assert.equal((metadata.annotations as Record<string, string>)["vllm-inference/trust-remote-code"], "it was read");
    assert.ok(!JSON.stringify(spec).includes("it was read"));
    assert.ok(JSON.stringify(spec).includes("--trust-remote-code"));
  });

  it("leaves out what is unset", () => {
    const spec = pod({});
    for (const field of ["runtimeClassName", "nodeSelector", "imagePullSecrets", "priorityClassName"])
      assert.ok(!(field in spec), field);
  });

  it("has what is set", () => {
    const spec = pod({ runtimeClassName: "nvidia", nodeSelector: { a: "b" }, imagePullSecret: "pull" });
    assert.equal(spec.runtimeClassName, "nvidia");
    assert.deepEqual(spec.nodeSelector, { a: "b" });
    assert.deepEqual(spec.imagePullSecrets, [{ name: "pull" }]);
  });

  it("has no empty value, which the API server would drop and refresh would find missing", () => {
    const spec = pod({ modelId: "some/other" });
    const empty = [...spec.initContainers, ...spec.containers]
      .flatMap(({ env }) => env)
      .filter(({ value }) => value === "");
    assert.deepEqual(empty, []);
  });

  it("mounts each of its volumes, and has each that it mounts", () => {
    for (const securityMode of ["anyuid", "restricted"] as const) {
      const spec = pod({ securityMode, trustedCaConfigMap: "ca" });
      const mounted = [...spec.initContainers, ...spec.containers].flatMap(({ volumeMounts }) => volumeMounts);
      const names = (volumes: { name: string }[]): string[] => [...new Set(volumes.map(({ name }) => name))].toSorted();
      assert.deepEqual(names(mounted), names(spec.volumes));
    }
  });

  it("mounts the claim at the same path in both containers", () => {
    const spec = pod({ modelsPath: "/data" });
    for (const container of [spec.initContainers[0], spec.containers[0]]) {
      assert.equal(container.volumeMounts.find(({ name }) => name === "models")?.mountPath, "/data");
    }
  });

  it("tells the download of its mirror, proxy and CA, and only the download", () => {
    const settings = { hfEndpoint: "https://hub", httpsProxy: "http://p:1", noProxy: ".svc", trustedCaConfigMap: "ca" };
    const spec = pod({ ...settings, modelRevision: "abc", modelAllowPatterns: ["*.json", "*.safetensors"] });
    const download = environment(spec.initContainers[0]);
    assert.equal(download["HF_ENDPOINT"], "https://hub");
    assert.equal(download["HTTPS_PROXY"], "http://p:1");
    assert.equal(download["NO_PROXY"], ".svc");
    assert.equal(download["SSL_CERT_FILE"], "/etc/model-downloader/ca/ca-bundle.crt");
    assert.equal(download["MODEL_REVISION"], "abc");
    assert.equal(download["MODEL_ALLOW_PATTERNS"], "*.json\n*.safetensors");
    assert.ok(!("HTTPS_PROXY" in environment(spec.containers[0])));
  });

  it("lets the download reach the Hub, which the image forbids", () => {
    assert.equal(environment(pod({}).initContainers[0])["HF_HUB_OFFLINE"], "0");
  });

  it("downloads without Xet unless it is asked for", () => {
    assert.equal(environment(pod({}).initContainers[0])["HF_HUB_DISABLE_XET"], "1");
    assert.equal(environment(pod({ modelXet: true }).initContainers[0])["HF_HUB_DISABLE_XET"], "0");
  });
});

describe("what the pod may", () => {
  const spec = pod({});

  it("is nothing at the API server", () => {
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(manifests.serviceAccount(context({})).automountServiceAccountToken, false);
  });

  it("is as root to write to any volume, and nothing else that a runtime leaves by default", () => {
    assert.deepEqual(spec.securityContext, { runAsUser: 0 });
    for (const { securityContext } of [...spec.initContainers, ...spec.containers]) {
      const { drop } = securityContext!.capabilities;
      assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, capabilities: { drop } });
      assert.ok(drop.includes("SETUID") && drop.includes("NET_RAW") && drop.includes("CHOWN"), drop.join());
      assert.ok(!drop.includes("ALL") && !drop.includes("DAC_OVERRIDE"), drop.join());
    }
  });

  it("asks for ephemeral storage, and has no limit above which it would be evicted", () => {
    for (const { resources } of [...spec.initContainers, ...spec.containers]) {
      assert.ok("ephemeral-storage" in resources.requests);
      assert.ok(!("ephemeral-storage" in resources.limits));
    }
  });

  it("pulls its image as Kubernetes would by itself", () => {
    const digest = `@sha256:${"a".repeat(64)}`;
    for (const [image, policy] of [
      ["registry.redhat.io/rhaiis/vllm-cuda-rhel9:3", "IfNotPresent"],
      [`registry.redhat.io/rhaiis/vllm-cuda-rhel9${digest}`, "IfNotPresent"],
      [`mirror:5000/vllm:latest${digest}`, "IfNotPresent"],
      ["mirror:5000/vllm:latest", "Always"],
      ["mirror:5000/vllm", "Always"],
    ] as const) {
      const { initContainers, containers } = pod({ image });
      for (const { imagePullPolicy } of [...initContainers, ...containers])
        assert.equal(imagePullPolicy, policy, image);
    }
  });
});

describe("security mode restricted", () => {
  const spec = pod({ securityMode: "restricted" });

  it("meets Pod Security restricted and names no user", () => {
    assert.deepEqual(spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of [...spec.initContainers, ...spec.containers]) {
      assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    }
  });

  it("puts HOME and every cache on a volume, for both containers", () => {
    const writable = ["/models-cache", "/var/cache/vllm"];
    for (const container of [spec.initContainers[0], spec.containers[0]]) {
      const variables = environment(container);
      for (const name of ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR"]) {
        assert.ok(
          writable.some((folder) => variables[name]?.startsWith(folder)),
          `${container.name} ${name}`,
        );
      }
    }
    assert.ok(environment(spec.containers[0])["VLLM_CACHE_ROOT"]?.startsWith("/models-cache/"));
  });

  it("grants no SCC", () => {
    assert.equal(manifests.grantsScc(resolveArgs("vllm", { securityMode: "restricted" })), false);
    assert.equal(manifests.grantsScc(resolveArgs("vllm", { grantScc: false })), false);
    assert.equal(manifests.grantsScc(resolveArgs("vllm", {})), true);
  });
});

describe("the Route", () => {
  it("has no host unless one is set: the router generates it", () => {
    assert.ok(!("host" in manifests.route(context({})).spec));
    assert.equal(manifests.route(context({ routeHost: "a.b" })).spec.host, "a.b");
  });

  it("waits as long as it is told and publishes only the path", () => {
    const { metadata, spec } = manifests.route(context({ routeTimeout: "20m", routePath: "/v1/chat" }));
    assert.equal(metadata.annotations["haproxy.router.openshift.io/timeout"], "20m");
    assert.equal(spec.path, "/v1/chat");
  });
});

describe("the claim", () => {
  it("names a storage class only where one is set", () => {
    const spec = (args: object): object => manifests.claim(context(args)).spec as object;
    assert.deepEqual(spec({ pvcSize: "5Gi" }), {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "5Gi" } },
    });
    assert.deepEqual((spec({ storageClassName: "fast" }) as { storageClassName: string }).storageClassName, "fast");
  });
});

describe("the downloader's script", () => {
  const scripts = Object.entries(manifests.downloaderScript());

  for (const [name, script] of scripts) {
    it(`has ${name}, which is Python`, () => {
      execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: script });
    });
  }

  it("fits a ConfigMap, which holds 1 MiB", () => {
    const size = scripts.reduce((sum, [, script]) => sum + Buffer.byteLength(script), 0);
    assert.ok(scripts.length > 0 && size < 2 ** 19, `${size} bytes`);
  });
});
