import { existsSync } from "node:fs";
import { findSymptom } from "../../components/symptoms";
import { clusterLayout, clusterStatus, faultOf } from "../cluster";
import { UsageError, UserError } from "../../shared/errors";
import { defaultStateDir } from "../paths";
import { print } from "../../shared/terminal";
import { isReal } from "../real";
import { stackNamespace } from "../pulumi/stack";
import type * as Simulation from "../simulation";
import { type Fault, faults } from "../simulation/faults";

/** Has the next pods of the deployment fail in a way that the embedded cluster can simulate; `none` ends that. */
export async function fault(name: string | undefined): Promise<number> {
  const names = ["none", ...Object.keys(faults).sort()];
  const { kubeconfig } = clusterLayout(defaultStateDir);
  if (name === undefined) {
    const set = !isReal(defaultStateDir) && existsSync(kubeconfig) && (await clusterStatus(defaultStateDir)).ready;
    print(faultList(set ? await faultOf(kubeconfig, await stackNamespace()) : undefined));
    return 0;
  }
  if (!names.includes(name)) {
    throw new UsageError(
      `'fault' (${name}) must be one that the cluster can simulate; set one of ${names.join(", ")}.`,
    );
  }
  if (isReal(defaultStateDir)) {
    throw new UserError(
      "Faults are played by the simulated node alone; this clone has a real one. Break its pod itself, as tests/real/faults.ts does.",
    );
  }
  if (!existsSync(kubeconfig)) throw new UserError("There is no cluster yet. Run `npm run local` first.");
  const { ready, reason } = await clusterStatus(defaultStateDir);
  if (!ready) throw new UserError(`The cluster is not ready: ${reason ?? "unknown"}. Run \`npm run local\` first.`);
  // Loaded only here, as the other commands do without the Kubernetes client; ts-node knows TypeScript files only through `require`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { simulate } = require("../simulation") as typeof Simulation;
  const namespace = await stackNamespace();
  await simulate(kubeconfig, namespace, { fault: name === "none" ? undefined : name });
  print(
    name === "none"
      ? `New pods in namespace ${namespace} start as usual again. Next: npm run local`
      : `New pods in namespace ${namespace} meet the fault '${name}'. To have one made: npm run local -- up --new-pod`,
  );
  return 0;
}

/** Each fault with what it shows, and which one is set. */
export function faultList(set: string | undefined): string {
  const entries: [string, string][] = [
    ["none", "pods start as usual"],
    ...Object.entries(faults).map(([name, fault]): [string, string] => [name, shows(fault)]),
  ];
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
