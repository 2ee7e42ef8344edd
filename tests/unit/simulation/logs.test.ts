import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { select } from "../../../local/simulation/kubelet";
import { faults, fill, terminationMessage } from "../../../local/simulation/faults";
import { linesOf } from "../../../local/simulation/logs";
import { container, pod } from "./support";

const start = new Date("2026-01-01T00:00:10Z");
const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1000);
const texts = (...args: Parameters<typeof linesOf>): string[] => linesOf(...args).map(({ text }) => text);

describe("simulated container logs", () => {
  const downloading = pod(
    { initContainerStatuses: [container("model-downloader", { running: { startedAt: start } })] },
    { "simulation/download-seconds": "8" },
  );

  it("say first that nothing runs", () => {
    deepEqual(texts(downloading, "model-downloader", false, after(0)), [
      "[simulation] no container runs: these lines imitate what the real program prints",
    ]);
  });

  it("show the download's progress as time goes by", () => {
    const half = texts(downloading, "model-downloader", false, after(4));
    equal(half.at(-1), "model-downloader: downloading 2.8 of 5.6 GB (50 %), 700 MB/s, 4 s left");
    const whole = texts(downloading, "model-downloader", false, after(8));
    match(whole.at(-1) ?? "", /^model-downloader: complete acme\/model@[0-9a-f]{12} 5.6 GB$/);
  });

  it("end where the container ended", () => {
    const { log } = faults["downloader-unauthorized"] as { log: string[] };
    const message = fill(log.join("\n"), { model: "acme/model" });
    const ended = pod(
      {
        initContainerStatuses: [
          container("model-downloader", {
            terminated: { startedAt: start, finishedAt: after(2), exitCode: 10, reason: "Error", message },
          }),
        ],
      },
      { "simulation/fault": "downloader-unauthorized", "simulation/download-seconds": "8" },
    );
    const lines = linesOf(ended, "model-downloader", false, after(60));
    match(
      lines.at(-1)?.text ?? "",
      /^model-downloader: error: unauthorized: https:\/\/huggingface.co\/acme\/model is not to be had/,
    );
    deepEqual(lines.at(-1)?.at, after(2.001));
    ok(!lines.some(({ text }) => text.includes("complete")));
  });

  const { log: cuda } = faults["server-cuda"] as { log: string[] };
  const { log: oom } = faults["server-out-of-memory"] as { log: string[] };
  const cudaLog = `${cuda.join("\n")}\n`;
  const crashed = pod(
    {
      initContainerStatuses: [
        container("model-downloader", { terminated: { startedAt: start, finishedAt: start, exitCode: 0 } }),
      ],
      containerStatuses: [
        container(
          "server",
          { running: { startedAt: after(20) } },
          {
            lastState: {
              terminated: { startedAt: start, finishedAt: after(1), exitCode: 1, reason: "Error", message: cudaLog },
            },
            restartCount: 1,
          },
        ),
      ],
    },
    { "simulation/fault": "server-cuda", "simulation/load-seconds": "5" },
  );

  it("of the run before have that run's last words, those of this run do not", () => {
    match(texts(crashed, "server", true, after(21)).join("\n"), /cudaGetDeviceCount\(\)/);
    ok(!texts(crashed, "server", false, after(60)).some((text) => text.includes("cudaGetDeviceCount")));
  });

  for (const since of ["none", "server-vllm-port"]) {
    it(`keep a run's last words, and no other's, when the fault is '${since}' since`, () => {
      const changed = structuredClone(crashed);
      changed.metadata!.annotations!["simulation/fault"] = since;
      const said = texts(changed, "server", true, after(21)).join("\n");
      match(said, /cudaGetDeviceCount\(\)/);
      ok(!said.includes("VLLM_PORT"), said);
    });
  }

  for (const since of ["none", "server-vllm-port", "server-out-of-memory"]) {
    it(`are the run's own where the status keeps only the end that all engines have, with '${since}' since`, () => {
      const changed = structuredClone(crashed);
      Object.assign(changed.metadata!.annotations!, {
        "simulation/fault": since,
        "simulation/ended-server": "server-cuda",
      });
      changed.status!.containerStatuses![0]!.lastState!.terminated!.message = terminationMessage(cuda);
      match(
        texts(changed, "server", true, after(21)).join("\n"),
        /cudaGetDeviceCount\(\)[^]*Engine core initialization failed/,
      );
    });
  }

  it("say before a fault strikes only what comes before it, however late the machine is, and each run's lines after the run's before", () => {
    const late = structuredClone(crashed);
    const [server] = late.status!.containerStatuses!;
    // Each end and each start in one second: a status has no parts of one.
    const stamps = (previous: boolean): number[] => linesOf(late, "server", previous, after(60)).map(({ at }) => +at);
    Object.assign(server!, { restartCount: 0, state: { running: { startedAt: start } }, lastState: {} });
    late.metadata!.annotations!["simulation/fault"] = "server-out-of-memory";
    const pending = linesOf(late, "server", false, after(60));
    ok(!pending.some(({ text }) => text.includes("startup complete")));
    const serving = structuredClone(late);
    serving.status!.containerStatuses![0]!.ready = true;
    match(texts(serving, "server", false, after(60)).at(-1) ?? "", /startup complete/, "no fault strikes what serves");
    const terminated = {
      startedAt: start,
      finishedAt: after(5),
      exitCode: 1,
      reason: "Error",
      message: terminationMessage(oom),
    };
    Object.assign(server!, { state: { terminated } });
    const ended = linesOf(late, "server", false, after(60));
    deepEqual(ended.slice(0, pending.length), pending);
    const crash = ended.slice(pending.length).map(({ at }) => +at);
    equal(crash.length, oom.length);
    ok(Math.min(...crash) > Math.max(...pending.map(({ at }) => +at)));
    Object.assign(server!, { restartCount: 1, state: { running: { startedAt: after(5) } }, lastState: { terminated } });
    ok(Math.min(...stamps(false)) > Math.max(...stamps(true)));
  });

  it("are whole where the status keeps only their end", () => {
    const cut = structuredClone(crashed);
    cut.status!.containerStatuses![0]!.lastState!.terminated!.message = cudaLog.slice(-100);
    match(texts(cut, "server", true, after(21)).join("\n"), /Error 803[^]*Engine core initialization failed/);
  });

  it("do not take a container killed by its startup probe for one that was out of memory", () => {
    const killed = structuredClone(crashed);
    killed.metadata!.annotations!["simulation/fault"] = "none";
    Object.assign(killed.status!.containerStatuses![0]!.lastState!.terminated!, { exitCode: 137, message: undefined });
    const unknown = texts(killed, "server", true, after(21));
    ok(!unknown.some((text) => /CUDA out of memory|VLLM_PORT/.test(text)));
  });

  it("are refused in a kubelet's words where there are none", () => {
    const waiting = pod({ containerStatuses: [container("server", { waiting: { reason: "PodInitializing" } })] });
    throws(() => linesOf(waiting, "server", false, start), {
      message: 'container "server" in pod "vllm-abc" is waiting to start: PodInitializing',
    });
    throws(() => linesOf(waiting, "server", true, start), {
      message: 'previous terminated container "server" in pod "vllm-abc" not found',
    });
    throws(() => linesOf(waiting, "sidecar", false, start), {
      message: 'container "sidecar" in pod "vllm-abc" is not available',
    });
  });

  it("can be cut by lines and by time", () => {
    const lines = [0, 1, 2].map((second) => ({ at: after(second), text: String(second) }));
    const cut = (query: string): string =>
      select(lines, new URLSearchParams(query))
        .map(({ text }) => text)
        .join("");
    equal(cut("tailLines=2"), "12");
    equal(cut("tailLines=0"), "");
    equal(cut(`sinceTime=${after(1).toISOString()}`), "12");
    equal(cut("sinceSeconds=1"), "");
    equal(cut(""), "012");
  });
});
