import assert from "node:assert/strict";
import fc from "fast-check";
import { causes, engineDied, excerpt } from "../../../components/readiness/crash";
import { serverCause } from "../../../components/readiness/exits";
import { symptoms } from "../../../components/symptoms";

const engine = "(EngineCore_DP0 pid=84) ";
const api = "(APIServer pid=1) ";
const failed = `${api}RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}`;

/** A traceback as a process prints it, each line behind what it writes before its own. */
const traceback = (before: string, exception: string): string[] =>
  [
    "Traceback (most recent call last):",
    '  File "/opt/app-root/lib64/python3.12/site-packages/vllm/v1/engine/core.py", line 866, in run_engine_core',
    '    raise ValueError("No available memory for the cache blocks.")',
    "    ^^^^^^^^^^^^^^^^",
    ...exception.split("\n"),
  ].map((line) => `${before}${line}`);

const first = (log: string[]): string | undefined => causes(log)[0]?.text.split("\n")[0];
const rowOf = (log: string[]): string | undefined => serverCause(log).row?.id;

describe("the cause of a crash in a log", () => {
  const oom = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.";
  const prefixes = {
    "with a pid": engine,
    "without one": "(EngineCore_DP0) ",
    "of a newer engine": "(EngineCore pid=475) ",
    "of a worker": "(Worker_TP1 pid=566) ",
    "with a level and a place": `${engine}ERROR 08-26 17:57:01 [core.py:866] `,
    "of torchrun": "[rank0]: ",
    "of Ray": "(RayWorkerWrapper pid=7, ip=10.0.0.1) ",
    none: "",
  };
  for (const [name, before] of Object.entries(prefixes)) {
    it(`is found behind a prefix: ${name}`, () => {
      const log = [`${api}INFO 08-26 17:57:00 [api_server.py:1] hello`, ...traceback(before, oom), failed];
      assert.equal(first(log), oom);
      assert.equal(rowOf(log), "server-out-of-memory");
    });
  }

  it("is the innermost process's, though others print theirs first", () => {
    const log = [
      ...traceback(engine, "RuntimeError: Worker failed with error 'x'"),
      ...traceback("(Worker_TP0 pid=9) ", oom),
      ...traceback(
        "(Worker_TP1 pid=10) ",
        "torch.distributed.DistBackendError: NCCL error in: x\nncclRemoteError: gone",
      ),
      failed,
    ];
    assert.equal(first(log), oom);
  });

  it("is found where the lines of two processes come mixed", () => {
    const one = traceback("(Worker_TP0 pid=9) ", "ValueError: No available memory for the cache blocks. Try more");
    const other = traceback("(Worker_TP1 pid=10) ", "ValueError: No available memory for the cache blocks. Try more");
    const log = one.flatMap((line, index) => [line, other[index] ?? ""]);
    assert.equal(rowOf([...log, failed]), "server-no-cache-memory");
  });

  it("is the first of a chain of exceptions that a row knows", () => {
    const log = [
      ...traceback("", "FileNotFoundError: [Errno 2] No such file or directory: 'nvcc'"),
      "",
      "The above exception was the direct cause of the following exception:",
      "",
      ...traceback("", "RuntimeError: kernel build failed"),
    ];
    assert.equal(first(log), "FileNotFoundError: [Errno 2] No such file or directory: 'nvcc'");
    assert.equal(rowOf(log), "server-no-compiler");
  });

  it("is the line after pydantic's, and shown with it", () => {
    const log = traceback(
      "",
      "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n  Value error, Unknown quantization method: x9. Must be one of ['awq']",
    );
    assert.equal(rowOf(log), "server-unknown-quantization");
    const { cause } = serverCause(log);
    assert.ok(excerpt(log, cause?.index).some((line) => line.includes("Unknown quantization method")));
  });

  it("is no line of source in a traceback, and no line below ERROR", () => {
    assert.equal(rowOf(traceback(engine, "KeyError: 'surprise'")), undefined);
    const warned = [`${api}WARNING 08-26 17:57:01 [cuda.py:1] libcuda.so.1: cannot open shared object file`];
    assert.equal(rowOf([...warned, ...traceback(engine, "KeyError: 'surprise'")]), undefined);
  });

  it("is a traceback that nobody knows rather than a line beside it that somebody knows", () => {
    const log = ["OSError: [Errno 98] Address already in use", ...traceback(engine, "KeyError: 'surprise'"), failed];
    assert.deepEqual([rowOf(log), serverCause(log).cause?.text.split("\n")[0]], [undefined, "KeyError: 'surprise'"]);
  });

  it("is found where the kubelet has cut the traceback's head off", () => {
    assert.equal(rowOf(traceback("", "OSError: [Errno 122] Disk quota exceeded").slice(1)), "server-quota");
  });

  it("is a kill from outside where the engine says nothing or the API server names the signal", () => {
    const begun = `${engine}INFO 08-26 17:57:01 [core.py:93] Initializing a V1 LLM engine (v0.11.2)`;
    assert.equal(rowOf([begun, ...traceback(api, failed.slice(api.length))]), "server-engine-killed");
    const broken = traceback("(Worker pid=9) ", "BrokenPipeError: [Errno 32] Broken pipe");
    assert.equal(rowOf([begun, ...traceback(api, failed.slice(api.length)), ...broken]), "server-engine-killed");
    assert.equal(rowOf([failed.replace("{}", "{'EngineCore_DP0': -9}")]), "server-engine-killed");
    assert.equal(rowOf([failed.replace("{}", "{'EngineCore_DP0': -7}")]), "server-shared-memory");
    // The end of a log alone does not say whether the engine has spoken.
    assert.equal(rowOf([failed]), undefined);
  });

  it("is told of an engine that dies and a server that goes on", () => {
    assert.ok(engineDied([`${engine}ERROR 08-26 17:57:01 [core.py:866] EngineCore failed to start.`]));
    assert.ok(
      !engineDied([`${api}INFO 08-26 17:57:01 [utils.py:818] Waiting for 1 local, 0 remote core engine proc(s)`]),
    );
  });
});

describe("each server row's line", () => {
  const before = [
    `${api}INFO 08-26 17:56:00 [api_utils.py:286] non-default args: {'model': '/models-cache/x/y'}`,
    "/opt/app-root/lib64/python3.12/site-packages/torch/cuda/__init__.py:63: FutureWarning: a package is deprecated",
    "  import pynvml  # type: ignore[import]",
    `${engine}INFO 08-26 17:56:40 [core.py:93] Initializing a V1 LLM engine (v0.32.0) with config: model='/models-cache/x/y'`,
    "(Worker_TP0 pid=99) INFO 08-26 17:56:50 [gpu_model_runner.py:2602] Starting to load model /models-cache/x/y...",
    "Loading safetensors checkpoint shards:   0% Completed | 0/4 [00:00<?, ?it/s]",
  ];
  const after = [
    "(Worker_TP1 pid=100) INFO 08-26 17:57:02 [multiproc_executor.py:843] Parent process exited, terminating worker queues",
    `${engine}INFO 08-26 17:57:03 [multiproc_executor.py:479] [shutdown] Executor: waiting for worker exit count=1`,
    "(Worker_TP0 pid=99) INFO 08-26 17:57:03 [multiproc_executor.py:843] Parent process exited, terminating worker queues",
    "/usr/lib64/python3.12/multiprocessing/resource_tracker.py:254: UserWarning: resource_tracker: There appear to be 1 leaked objects",
  ];
  const writers = [
    "",
    engine,
    "(Worker_TP0 pid=99) ",
    "(Worker_TP1) ",
    `${engine}ERROR 08-26 17:57:01 [core.py:1510] `,
  ];
  const rows = symptoms.filter(({ area, example, patterns }) => area === "server" && example && patterns.length > 0);

  for (const row of rows.filter(({ vague }) => !vague)) {
    it(`gives the same verdict wherever it stands: ${row.id}`, () => {
      fc.assert(
        fc.property(
          fc.nat(before.length),
          fc.nat(200),
          fc.constantFrom(...writers),
          fc.boolean(),
          fc.boolean(),
          (at, unrelated, writer, inTraceback, told) => {
            const line = row.example ?? "";
            const said = inTraceback ? traceback(writer, line) : [`${writer}${line}`];
            const log = [
              ...before.slice(0, at),
              ...said,
              ...before.slice(at),
              ...Array.from({ length: unrelated }, (_, index) => after[index % after.length] ?? ""),
              ...(told ? traceback("", failed.slice(api.length)) : []),
            ];
            assert.equal(rowOf(log), row.id, log.join("\n"));
          },
        ),
        { seed: 17, numRuns: 40 },
      );
    });
  }
});
