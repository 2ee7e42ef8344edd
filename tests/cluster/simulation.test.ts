/** What the embedded cluster plays, met by a bare Deployment of the product's shape: the happy path and every fault. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { faults } from "../../local/simulation/faults";
import { deployment, eventually, image, ready, simulated } from "./simulatedCluster";

const { kubectl, faulty, namespace, apply, podsOf, eventsOf } = simulated();

describe("a simulated pod", () => {
  it("becomes Ready on the GPU node, step by step, and tells so in events and logs", async () => {
    const ns = await namespace();
    await apply(deployment(ns));
    const pod = await eventually(podsOf(ns), ready);
    equal(pod.spec?.nodeName, "gpu-worker-0");
    equal(pod.status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 0);
    ok(pod.status?.containerStatuses?.[0]?.started);
    await kubectl("rollout", "status", "-n", ns, "deployment/vllm", "--timeout=10s");
    match(await kubectl("logs", "-n", ns, "deployment/vllm", "-c", "model-downloader"), /complete acme\/model@/);
    match(
      await kubectl("logs", "-n", ns, "deployment/vllm", "-c", "server", "--tail=1"),
      /Application startup complete/,
    );
    const start = await kubectl("logs", "-n", ns, "deployment/vllm", "-c", "server", "--limit-bytes=12");
    equal(start, "[simulation]");
    const reasons = await eventually(eventsOf(ns), (events) => {
      const found = events.filter(({ source }) => source?.component === "kubelet").map(({ reason }) => reason);
      return found.filter((reason) => reason === "Started").length === 2 && found;
    });
    deepEqual([...new Set(reasons)].sort(), ["Created", "Pulled", "Pulling", "Started"]);
  });

  it("is Ready again after its node counted as lost, as a kubelet sees to", async () => {
    const ns = await namespace();
    await apply(deployment(ns));
    const { metadata } = await eventually(podsOf(ns), ready);
    const lost = { status: { conditions: [{ type: "Ready", status: "False" }] } };
    const patch = ["--subresource=status", "--type=strategic", "--patch", JSON.stringify(lost)];
    await kubectl("patch", "pod", "-n", ns, metadata?.name ?? "", ...patch);
    await eventually(podsOf(ns), ready);
  });

  it("takes the seconds that the settings say, and shows where it stands meanwhile", async () => {
    const ns = await namespace({ download: 6, load: 2 });
    await apply(deployment(ns));
    await eventually(podsOf(ns), ([pod]) => pod?.status?.initContainerStatuses?.[0]?.state?.running);
    const log = await kubectl("logs", "-n", ns, "deployment/vllm", "-c", "model-downloader", "-f");
    match(log, /downloading 2\.8 of 5\.6 GB \(50 %\), \d+ MB\/s, 3 s left\n/);
    const loading = await eventually(podsOf(ns), ([pod]) => pod?.status?.containerStatuses?.[0]?.state?.running && pod);
    equal(loading.status?.phase, "Running");
    equal(ready([loading]), undefined);
    await eventually(podsOf(ns), ready);
  });

  it("is killed when loading outlasts its startup probe", async () => {
    const ns = await namespace({ load: 600 });
    await apply(
      deployment(
        ns,
        {},
        { startupProbe: { httpGet: { path: "/health", port: "http" }, periodSeconds: 1, failureThreshold: 1 } },
      ),
    );
    const last = await eventually(podsOf(ns), ([pod]) => {
      const status = pod?.status?.containerStatuses?.[0];
      return (status?.restartCount ?? 0) > 0 && status?.lastState?.terminated;
    });
    equal(last.exitCode, 137);
    await eventually(eventsOf(ns), (events) =>
      events.some(({ message }) => message === "Container server failed startup probe, will be restarted"),
    );
  });

  it("that is not to be restarted completes, wherever it lands", async () => {
    const ns = await namespace();
    await apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "cuda-probe", namespace: ns },
      spec: { restartPolicy: "Never", containers: [{ name: "probe", image }] },
    });
    const pod = await eventually(podsOf(ns), ([one]) => one?.status?.phase === "Succeeded" && one);
    equal(pod.spec?.nodeName, "worker-0");
    match(await kubectl("logs", "-n", ns, "cuda-probe"), /no container runs/);
  });

  it("refuses exec", async () => {
    const ns = await namespace();
    await apply(deployment(ns));
    await eventually(podsOf(ns), ready);
    await rejects(kubectl("exec", "-n", ns, "deployment/vllm", "-c", "server", "--", "true"));
  });

  it("goes when its Deployment goes, and comes again", async () => {
    const ns = await namespace();
    for (let round = 0; round < 2; round++) {
      await apply(deployment(ns));
      await eventually(podsOf(ns), ready);
      await kubectl("delete", "deployment", "vllm", "-n", ns);
      await eventually(podsOf(ns), (pods) => pods.length === 0);
    }
  });
});

describe("a simulated fault", () => {
  for (const [name, fault] of Object.entries(faults)) {
    if (fault.kind === "process") continue;
    it(`${name} shows itself as on a cluster`, async () => {
      const ns = await namespace({ fault: name });
      await apply(deployment(ns));
      const init = fault.kind === "image" || (fault.kind === "crash" && fault.container === "model-downloader");
      const status = await eventually(podsOf(ns), ([pod]) => {
        const found = (init ? pod?.status?.initContainerStatuses : pod?.status?.containerStatuses)?.[0];
        const expected = { crash: "CrashLoopBackOff", image: "ErrImagePull", create: "CreateContainerError" }[
          fault.kind
        ];
        return found?.state?.waiting?.reason === expected && found;
      });
      if (fault.kind === "crash") {
        const ended = status.lastState?.terminated;
        deepEqual([ended?.exitCode, ended?.reason, status.restartCount], [fault.exitCode, fault.reason, 1]);
        const said = ended?.message?.trimEnd().split("\n").at(-1) ?? "";
        ok(said.startsWith(fault.log.at(-1)?.split("{")[0] ?? "?"), said);
        const place = ["-n", ns, "deployment/vllm", "-c", fault.container];
        equal((await kubectl("logs", ...place, "--previous", "--tail=1")).trim(), said);
      } else {
        ok(status.state?.waiting?.message?.includes(fault.message.split("{")[0] ?? "?"));
      }
      await eventually(eventsOf(ns), (events) =>
        events.some(({ type, reason }) => type === "Warning" && (reason === "BackOff" || reason === "Failed")),
      );
    });
  }

  for (const name of ["image-not-found", "downloader-disk-full", "server-out-of-memory", "server-cuda-requirement"]) {
    it(`${name} heals in the pod that has it, with its next try`, async () => {
      const ns = await namespace({ fault: name });
      await apply(deployment(ns));
      await eventually(podsOf(ns), ([pod]) => {
        const all = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
        return all.some(({ state }) => /Err|BackOff/.test(state?.waiting?.reason ?? ""));
      });
      await faulty(ns, undefined);
      await eventually(podsOf(ns), ready);
      if (!name.startsWith("server-out")) return;
      const before = await kubectl("logs", "-n", ns, "deployment/vllm", "-c", "server", "--previous");
      match(before, /torch\.OutOfMemoryError/, "what the run before died of, and no other engine's cause");
    });
  }

  it("image-not-found goes from ErrImagePull to ImagePullBackOff, which repeats the cause as a kubelet of 1.34 does", async () => {
    const ns = await namespace({ fault: "image-not-found" });
    await apply(deployment(ns));
    const waiting = await eventually(podsOf(ns), ([pod]) => {
      const found = pod?.status?.initContainerStatuses?.[0]?.state?.waiting;
      return found?.reason === "ImagePullBackOff" && found;
    });
    const repository = image.replace(/:[^/]*$/, "");
    const cause = `initializing source docker://${image}: reading manifest ${image.slice(repository.length + 1)} in ${repository}: manifest unknown`;
    equal(waiting.message, `Back-off pulling image "${image}": ErrImagePull: ${cause}`);
  });

  it("runtime-handler leaves the pod without a sandbox", async () => {
    const ns = await namespace({ fault: "runtime-handler" });
    await apply(deployment(ns));
    await eventually(eventsOf(ns), (events) =>
      events.some(
        ({ reason, message }) =>
          reason === "FailedCreatePodSandBox" && message?.includes("failed to find runtime handler nvidia"),
      ),
    );
    const [pod] = await podsOf(ns)();
    equal(pod?.status?.podIP, undefined);
  });

  it("missing-secret is also what a Secret that is missing does, until it exists", async () => {
    const ns = await namespace();
    const env = [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: { name: "vllm-api-key", key: "api-key" } } }];
    await apply(deployment(ns, {}, { env }));
    const waiting = await eventually(podsOf(ns), ([pod]) => {
      const found = pod?.status?.containerStatuses?.[0]?.state?.waiting;
      return found?.reason === "CreateContainerConfigError" && found;
    });
    equal(waiting.message, 'secret "vllm-api-key" not found');
    await kubectl("create", "secret", "generic", "vllm-api-key", "--from-literal=api-key=x", "-n", ns);
    await eventually(podsOf(ns), ready);
  });

  it("that a volume's ConfigMap is missing is reported as a failed mount", async () => {
    const ns = await namespace();
    await apply(deployment(ns, { volumes: [{ name: "script", configMap: { name: "vllm-downloader" } }] }));
    await eventually(eventsOf(ns), (events) =>
      events.some(
        ({ reason, message }) => reason === "FailedMount" && message?.includes('"vllm-downloader" not found'),
      ),
    );
  });

  it("no GPU free, an unknown node selector and a missing toleration are the scheduler's own", async () => {
    const cases: [object, object, RegExp][] = [
      [{}, { resources: { limits: { "nvidia.com/gpu": 99 } } }, /Insufficient nvidia.com\/gpu/],
      [{ nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-H100" } }, {}, /didn't match Pod's node affinity\/selector/],
      [{ tolerations: [] }, {}, /untolerated taint/],
    ];
    for (const [pod, server, expected] of cases) {
      const ns = await namespace();
      await apply(deployment(ns, pod, server));
      await eventually(eventsOf(ns), (events) =>
        events.some(({ reason, message }) => reason === "FailedScheduling" && expected.test(message ?? "")),
      );
    }
  });

  it("a runtime class that does not exist is refused by the API server", async () => {
    const ns = await namespace();
    await apply(deployment(ns, { runtimeClassName: "nvidia-none" }));
    await eventually(eventsOf(ns), (events) =>
      events.some(
        ({ reason, message }) => reason === "FailedCreate" && message?.includes('RuntimeClass "nvidia-none" not found'),
      ),
    );
  });
});
