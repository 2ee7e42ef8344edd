import { existsSync } from "node:fs";
import { findSymptom } from "../../components/symptoms";
import { clusterLayout, clusterStatus, faultOf, isReal } from "../cluster";
import { UsageError, UserError } from "../../shared/errors";
import { defaultStateDir } from "../paths";
import { print } from "../../shared/terminal";
import { endFault, realFaults, setFault } from "../real";
import { stackNamespace } from "../pulumi/stack";
import type * as Simulation from "../simulation";
import { type Fault, faults } from "../simulation/faults";

/** The stack's only model. */
const deployment = "vllm";

/** Has the next pods of the deployment fail in a way that the embedded cluster can simulate, or its real node be given; `none` ends that. */
export async function fault(name: string | undefined): Promise<number> {
  const real = isReal(defaultStateDir);
  const known = real ? realFaults : faults;
  const names = ["none", ...Object.keys(known).sort()];
  const { kubeconfig } = clusterLayout(defaultStateDir);
  if (name === undefined) {
    const asked = existsSync(kubeconfig) && (await clusterStatus(defaultStateDir)).ready;
    const set = asked ? await faultOf(kubeconfig, await stackNamespace()) : undefined;
    print(
      real
        ? list(
            Object.entries(realFaults).map(([each, { what }]) => [each, what]),
            set,
          )
        : faultList(set),
    );
    return 0;
  }
  if (!names.includes(name)) {
    throw new UsageError(
      `'fault' (${name}) must be one that ${real ? "the real node can be given" : "the cluster can simulate"}; set one of ${names.join(", ")}.`,
    );
  }
  if (!existsSync(kubeconfig)) throw new UserError("There is no cluster yet. Run `npm run local` first.");
  const { ready, reason } = await clusterStatus(defaultStateDir);
  if (!ready) throw new UserError(`The cluster is not ready: ${reason ?? "unknown"}. Run \`npm run local\` first.`);
  const namespace = await stackNamespace();
  if (real) await giveReal(kubeconfig, namespace, name);
  else await play(kubeconfig, namespace, name);
  return 0;
}

async function play(kubeconfig: string, namespace: string, name: string): Promise<void> {
  // Loaded only here, as the other commands do without the Kubernetes client; ts-node knows TypeScript files only through `require`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { simulate } = require("../simulation") as typeof Simulation;
  await simulate(kubeconfig, namespace, { fault: name === "none" ? undefined : name });
  print(name === "none" ? ended(namespace) : begun(namespace, name));
}

async function giveReal(kubeconfig: string, namespace: string, name: string): Promise<void> {
  const target = { stateDir: defaultStateDir, namespace, deployment };
  const before = await faultOf(kubeconfig, namespace);
  if (name === "none") {
    await endFault(target, before);
    print(ended(namespace));
    return;
  }
  const killed = await setFault(target, name, before);
  if (killed > 0)
    print(
      `Killed ${killed === 1 ? "one process" : `${killed} processes`}. To see it: npm run ops -- status --stack local`,
    );
  else if (realFaults[name]?.kill)
    print(`${begun(namespace, name)}\nOnce it serves, type this again: it kills the process.`);
  else print(begun(namespace, name));
}

const ended = (namespace: string): string =>
  `New pods in namespace ${namespace} start as usual again. Next: npm run local`;

const begun = (namespace: string, name: string): string =>
  `New pods in namespace ${namespace} meet the fault '${name}'. To have one made: npm run local -- up --new-pod`;

/** Each simulated fault with what it shows, and which one is set. */
export function faultList(set: string | undefined): string {
  return list(
    Object.entries(faults).map(([name, fault]): [string, string] => [name, shows(fault)]),
    set,
  );
}

function list(known: readonly [string, string][], set: string | undefined): string {
  const entries: [string, string][] = [["none", "pods start as usual"], ...known];
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries
    .sort(([left], [right]) => (left === "none" ? -1 : right === "none" ? 1 : left < right ? -1 : 1))
    .map(([name, what]) => `${name === (set ?? "none") ? "*" : " "} ${name.padEnd(width)}  ${what}`)
    .join("\n");
}

/** In the words by which `up`, `status` and `doctor` name it. */
function shows(fault: Fault): string {
  switch (fault.kind) {
    case "process":
      return fault.what;
    case "image":
      return findSymptom("image", { text: fault.message })?.title ?? fault.message;
    case "create":
      return findSymptom("container", { text: fault.message })?.title ?? fault.message;
    case "crash": {
      const area = fault.container === "server" ? "server" : "downloader";
      const evidence = { text: fault.log.join("\n"), exitCode: fault.exitCode, reason: fault.reason };
      return findSymptom(area, evidence)?.title ?? fault.log.at(-1) ?? "";
    }
  }
}
