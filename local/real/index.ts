/** `npm run local -- --real`: the control plane with one real node. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "../../shared/errors";
import { clusterLayout, formerStateDir, isReal, startCluster, stopCluster } from "../cluster";
import { repositoryRoot } from "../paths";
import { besidePids, ensureBeside, stopBeside } from "./beside";
import { cellPid, stopCell } from "./cell";
import { nodeLayout } from "./layout";
import { nodeNetwork } from "./network";
import { standInLabel, standIns } from "./images";
import { startNode, stopNode } from "./node";
import { hubUrl, realClusterFlags } from "./programs";
import { machine, requireMachine } from "./requirements";

export { endFault, setFault } from "./fault";
export { realFaults } from "./faults";
export { answers } from "./ready";

/** What the stack is told of the node. */
export interface RealCluster {
  readonly kubeconfig: string;
  /** Where its pods download from. */
  readonly hfEndpoint: string;
}

/** Starts the control plane and its real node, or what is missing of them. */
export async function startRealCluster(
  stateDir: string,
  model: { readonly modelId: string; readonly token: string },
  log: (line: string) => void,
): Promise<RealCluster> {
  const layout = clusterLayout(stateDir);
  if (!isReal(stateDir) && existsSync(layout.kwokDir)) {
    throw new UserError(
      "The cluster of this clone has a simulated node. Forget it first (`npm run local -- reset`), then `npm run local -- --real`.",
    );
  }
  await requireMachine(machine(), log);
  const { dir } = nodeLayout(stateDir);
  mkdirSync(dir, { recursive: true });
  await stopFormer(stateDir);
  const network = nodeNetwork(dir);
  const { kubeconfig } = await startCluster({ stateDir, log, flags: realClusterFlags(network, layout.pkiDir) });
  await startNode({
    stateDir,
    kubeconfig,
    caFile: join(layout.pkiDir, "ca.crt"),
    apiPort: Number(/127\.0\.0\.1:(\d+)/.exec(readFileSync(kubeconfig, "utf8"))?.[1]),
    images: { vllm: defaultImage("Pulumi.yaml"), litellm: defaultImage("gateway/Pulumi.yaml") },
    ...model,
    log,
  });
  await ensureBeside(stateDir, kubeconfig, log);
  return { kubeconfig, hfEndpoint: hubUrl(network) };
}

/** Ends everything: the process beside the node, the node, the control plane. Gives how many processes were ended. */
export async function stopAll(stateDir: string): Promise<number> {
  const real = isReal(stateDir)
    ? (await stopFormer(stateDir)) + (await stopBeside(stateDir)) + (await stopNode(stateDir))
    : 0;
  return real + (await stopCluster(stateDir));
}

/** Ends what of the node still runs under the paths that it had before its folder was moved. */
async function stopFormer(stateDir: string): Promise<number> {
  const former = formerStateDir(clusterLayout(stateDir));
  return former === undefined ? 0 : (await stopBeside(former)) + (await stopCell(nodeLayout(former)));
}

/** What programs read to trust the router's certificate: one file instead of theirs. Node has been told of one file more by bootstrap.mjs. */
export function routerTrust(stateDir: string): Record<string, string> {
  const names = ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];
  return Object.fromEntries(names.map((name) => [name, nodeLayout(stateDir).trusted]));
}

/** What is not as on OpenShift, and what else a reader of the status wants to know. */
export function nodeFacts(stateDir: string): Record<string, string> {
  return {
    "image of vLLM": `stands in for ${defaultImage("Pulumi.yaml")}: ${standIns.vllm.config.Labels[standInLabel]}`,
    "image of LiteLLM": `stands in for ${defaultImage("gateway/Pulumi.yaml")}: ${standIns.litellm.config.Labels[standInLabel]}`,
    model: "a tiny one, made on this machine, from a Hub in the node's network",
    GPU: "pretended; vLLM runs on the CPU",
    "routes' certificate": `curl --cacert ${nodeLayout(stateDir).routerCa}`,
    "routes' hosts": `known in \`npm run -s local -- shell\`; elsewhere add the last lines of ${nodeLayout(stateDir).hosts} to /etc/hosts`,
  };
}

/** What runs of the node, as lines of `npm run local -- status`. */
export function nodeStatus(stateDir: string): Record<string, number | undefined> {
  const former = formerStateDir(clusterLayout(stateDir));
  const folders = [stateDir, former ?? []].flat();
  const [node] = folders.flatMap((folder) => cellPid(nodeLayout(folder)) ?? []);
  return { node, "node-server": folders.flatMap(besidePids)[0] };
}

function defaultImage(file: string): string {
  const schema = parse(readFileSync(join(repositoryRoot, file), "utf8")) as { config: { image: { default: string } } };
  return schema.config.image.default;
}
