import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Pod } from "kubernetes-types/core/v1";
import type { Live } from "../../components/cluster/objects";
import type { ClusterClient } from "../../components/cluster/client";
import { selector } from "../../components/manifests/labels";
import { podSecurity, containerSecurity } from "../../components/manifests/volumes";
import * as view from "../../components/readiness/view";
import { symptom } from "../../components/symptoms";
import { confirm } from "../terminal/confirm";
import { isRevision } from "../../components/args/revision";
import { validate } from "../../components/args/validate";
import { exitCodes, OpsError } from "../terminal/exitCodes";
import { type HelperPod, runHelperPod } from "../helper/pod";
import { pause, withCleanUp } from "../terminal/interrupt";
import { setBack } from "../rollback/stackFile";
import { writeWhole } from "../stack/writeWhole";
import { withLease } from "../stack/lease";
import { type CommandStack, textFor, commandFor } from "../stack/stackCommands";
import { observeDeployed } from "../stack/observe";
import { progress } from "../terminal/progress";
import type { OpsStack } from "../stack/openStack";
import { print, tell } from "../../shared/terminal";
import { stackOf } from "./options";

interface Options {
  revision?: string;
  yes?: boolean;
}

/** For how long the helper pod may take, in seconds: removing is quick, a node to run on may not be. */
const helperTimeoutSeconds = 900;

export function addRedownload(command: Command): void {
  command
    .addOption(
      new Option(
        "--revision <commit>",
        "which revision to download then: sets modelRevision in the stack's configuration",
      ).argParser(parseRevision),
    )
    .option("-y, --yes", "do not ask")
    .action(async (options: Options, command: Command) => {
      const stack = await stackOf(command);
      await redownload(stack, options);
    });
}

/** The configuration may leave it empty, for the newest; a revision that is asked for is one. */
function parseRevision(text: string): string {
  if (!isRevision(text)) throw new InvalidArgumentError("It must be a commit, a tag or a branch of the model.");
  return text;
}

async function redownload(stack: OpsStack, { revision, yes = false }: Options): Promise<void> {
  const { args, target, name, connection } = stack;
  if (args.modelSource === "existing") {
    throw new OpsError(
      "modelSource is `existing`: nothing would download the model again. Put it on the claim by the way it came.",
    );
  }
  // What the program would refuse must be refused before the model is gone.
  const mistakes = validate({ ...args, ...(revision !== undefined && { modelRevision: revision }) });
  const mistake = mistakes.find(({ propertyPath }) => propertyPath === "modelRevision" || propertyPath === "modelId");
  if (mistake) throw new OpsError(`${mistake.reason} Nothing was removed.`, exitCodes.usage);
  const client = await stack.client();
  await observeDeployed(client, stack);
  const shared = sharedText(await mounting(client, stack), stack);
  if (shared !== undefined) throw new OpsError(shared);
  await confirm(
    `Stack '${name}' on context ${connection.context}: stop ${target.deployment} in namespace ${target.namespace} and remove ${args.modelId} from claim ${target.claim}?`,
    yes,
  );
  const shown = progress();
  let removed = "";
  try {
    await withLease(client, target.namespace, `${target.deployment}-redownload`, async (held) => {
      // With another revision the Deployment stays stopped: started now, it would download the old one.
      let stays = false;
      const start = async (): Promise<void> => {
        // Whoever has taken the lease over starts it.
        if (stays || !held()) return;
        await scale(client, stack, 1);
        if (removed !== "") return;
        shown.end();
        tell(`${target.deployment} is started again; what was removed before is downloaded again.`);
      };
      await withCleanUp(start, async () => {
        await stop(client, stack, shown.say);
        removed = await removeModel(client, stack, shown.say);
        if (revision === undefined) return;
        const file = path.join(stack.directory, `Pulumi.${name}.yaml`);
        await writeWhole(file, revised(await readFile(file, "utf8"), stack, revision));
        stays = true;
      });
    });
  } finally {
    shown.end();
  }
  print(removed);
  print(revision === undefined ? started(name) : next(stack, revision));
}

/** The stack's file with another revision of this model, and of no other one. */
export function revised(text: string, { project, args }: Pick<OpsStack, "project" | "args">, revision: string): string {
  const change = { key: "modelRevision", now: args.modelRevision, then: revision } as const;
  return setBack(text, project, args.component, [change]);
}

function started(stack: string): string {
  return (
    `Started again; it downloads now: npm run ops -- logs -f --stack ${stack}\n` +
    "The next `pulumi up` shows no change; after a refresh it updates vllm-published once: the Deployment was written."
  );
}

/** What is left to be typed once the model is gone from the claim. */
export function next(stack: Pick<OpsStack, "target"> & CommandStack, revision: string): string {
  const up = commandFor(`pulumi up --refresh --stack ${stack.name}`, stack);
  return `modelRevision is ${revision} now. ${stack.target.deployment} stays stopped until you type:\n  ${up}`;
}

/** The claim has one writer: every pod that mounts it must be gone first. */
async function stop(client: ClusterClient, stack: OpsStack, say: (text: string) => void): Promise<void> {
  const { namespace } = stack.target;
  await scale(client, stack, 0);
  const until = Date.now() + (stack.args.terminationGracePeriodSeconds + 120) * 1000;
  for (;;) {
    const pods = (await mounting(client, stack)).map(({ metadata }) => metadata.name);
    if (pods.length === 0) return;
    if (Date.now() > until) {
      const { title, remedy } = symptom("old-pod-stuck");
      throw new OpsError(`${pods.join(", ")} still runs: ${title}. What to do: ${remedy}. Nothing was removed.`);
    }
    say(`waiting for ${pods.join(", ")} to stop in namespace ${namespace}`);
    await pause(1000);
  }
}

/** Pods that may write to the claim, whoever made them; what a killed run of this command has left goes when the next helper is made. */
async function mounting(client: ClusterClient, { args, target }: OpsStack): Promise<Live<Pod>[]> {
  const list = await client.get(`/api/v1/namespaces/${target.namespace}/pods`);
  return (view.items(list?.body) as Live<Pod>[])
    .filter(({ metadata }) => metadata.name !== helperName(args))
    .filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")
    .filter(({ spec }) =>
      spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === target.claim),
    );
}

/** Why nothing is begun: a pod that is not the Deployment's own would not go when that is stopped. Undefined where there is none. */
export function sharedText(
  pods: readonly Live<Pod>[],
  stack: CommandStack & Pick<OpsStack, "args" | "target">,
): string | undefined {
  const { claim, namespace, deployment } = stack.target;
  const own = Object.entries(selector(stack.args));
  const others = pods.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined && !own.every(([key, value]) => metadata.labels?.[key] === value),
  );
  if (others.length === 0) return undefined;
  const names = others.map(({ metadata }) => metadata.name).join(", ");
  const stops = new Set(others.map(({ metadata }) => stopping(metadata, namespace)));
  const text =
    `Claim ${claim} is mounted by what is not ${deployment}'s own: ${names}. Nothing is removed from a claim that others may write to, ` +
    `and stopping ${deployment} does not end them. What to do: stop them first (${[...stops].join(", ")}), run this again, then start them again. ` +
    "Nothing was stopped or removed.";
  return textFor(text, stack);
}

/** A ReplicaSet is named as its Deployment and the hash that its pods are labelled with. */
function stopping({ name, labels, ownerReferences = [] }: Live<Pod>["metadata"], namespace: string): string {
  const owner = ownerReferences.find(({ controller }) => controller === true);
  const hash = `-${labels?.["pod-template-hash"] ?? ""}`;
  if (owner?.kind === "ReplicaSet" && hash !== "-" && owner.name.endsWith(hash))
    return `\`kubectl scale deployment ${owner.name.slice(0, -hash.length)} -n ${namespace} --replicas=0\``;
  return owner === undefined ? `\`kubectl delete pod ${name} -n ${namespace}\`` : `the ${owner.kind} ${owner.name}`;
}

async function scale(client: ClusterClient, { target }: OpsStack, replicas: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${target.namespace}/deployments/${target.deployment}/scale`;
  await client.send("PATCH", path, { spec: { replicas } });
}

async function removeModel(client: ClusterClient, stack: OpsStack, say: (text: string) => void): Promise<string> {
  const { exitCode, log } = await runHelperPod(client, { ...removalPod(stack), stack }, say);
  const text = log.trimEnd();
  if (exitCode !== 0) throw new OpsError(`The model was not removed (exit code ${exitCode}):\n${text}`);
  return text.startsWith("[simulation]") ? `${text}\nThis cluster is simulated: no file was there to remove.` : text;
}

const helperName = ({ component }: OpsStack["args"]): string => `${component}-redownload`;

/** As the Deployment's pod, so that it may remove what that has written; it needs no GPU. */
export function removalPod({ args }: Pick<OpsStack, "args">): HelperPod {
  const script = readFileSync(path.join(__dirname, "../scripts/remove_model.py"), "utf8");
  const name = helperName(args);
  return {
    name,
    namespace: args.namespace,
    command: "redownload",
    timeoutSeconds: helperTimeoutSeconds,
    spec: {
      serviceAccountName: args.names.serviceAccount,
      securityContext: podSecurity(args),
      tolerations: args.tolerations,
      nodeSelector: args.nodeSelector,
      ...(args.imagePullSecret !== undefined && { imagePullSecrets: [{ name: args.imagePullSecret }] }),
      containers: [
        {
          name,
          image: args.image,
          command: ["python3", "-c", script, args.modelsPath, args.modelId],
          resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } },
          volumeMounts: [{ name: "models", mountPath: args.modelsPath }],
          terminationMessagePolicy: "FallbackToLogsOnError",
          ...containerSecurity(args),
        },
      ],
      volumes: [{ name: "models", persistentVolumeClaim: { claimName: args.claimName } }],
    },
  };
}
