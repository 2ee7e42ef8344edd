import { type Problem, problem } from "../text/errors";
import { type FitReport, fitProblems } from "../capacity/fitProblems";
import { computeProblems, namespaceProblems, objectNameProblems, quantityProblems, routePathProblems } from "./rules";
import { routeTimeoutProblems } from "./routeTimeout";
import { parseQuantity } from "../text/quantity";
import * as kubernetes from "../text/syntax";
import type { ProbeFigures } from "./args";
import type { ResolvedArgs } from "./resolve";
import { environmentProblems } from "./environment";
import { extraArgsProblems } from "./extraArgs";
import { gpuResourceProblems } from "./gpuResource";
import { bringsParsers, lineProblems } from "./imageLine";
import { loraProblems, loraRank } from "./lora";
import { servingProblems } from "./serving";
import { isRevision } from "./revision";
import { GiB } from "../capacity/memory";
import { atLeast } from "./numbers";

/** Every mistake in the arguments that can be seen without a cluster. */
export function validate(args: ResolvedArgs): Problem[] {
  const problems = [
    nameProblems(args),
    imageProblems(args),
    lineProblems(args),
    modelProblems(args),
    claimProblems(args),
    servingProblems(args),
    loraProblems(args),
    extraArgsProblems(args),
    environmentProblems(args),
    routeProblems(args),
    resourceProblems(args),
    gpuResourceProblems(args),
    placementProblems(args),
    probeProblems(args),
    timingProblems(args),
  ].flat();
  const computable = !problems.some(({ propertyPath }) => (fitFields as readonly string[]).includes(propertyPath));
  return computable ? [...problems, ...modelFit(args).problems] : problems;
}

/** Without these there is nothing to compute. */
const fitFields = [
  "modelId",
  "pvcSize",
  "maxModelLen",
  "maxNumSeqs",
  "maxNumBatchedTokens",
  "tensorParallelSize",
  "gpuMemoryUtilization",
  "gpuResource",
  "dtype",
  "kvCacheDtype",
] as const;

/** Whether the model fits, and what is worth saying about it. */
export function modelFit(args: ResolvedArgs): FitReport {
  const { gpuModel, maxNumBatchedTokens, modelFigures: figures = {}, existingClaim, loraAdapters } = args;
  const pvcSizeBytes = existingClaim === undefined ? (parseQuantity(args.pvcSize) ?? 0) : Infinity;
  const lora = { slots: loraAdapters.length, rank: loraRank(loraAdapters) };
  return fitProblems({
    ...args,
    pvcSizeBytes,
    enableAutoToolChoice: args.enableAutoToolChoice && !bringsParsers(args, "tool"),
    pipelineParallelSize: 1,
    ...(maxNumBatchedTokens !== undefined && { maxNumBatchedTokens }),
    ...(lora.slots > 0 && { lora }),
    ...(gpuModel !== undefined && { gpuModel }),
    ...(Object.keys(figures).length > 0 && { figures }),
  });
}

function nameProblems(args: ResolvedArgs): Problem[] {
  const problems: Problem[] = [];
  // The longest name that derives from it is `<name>-models-cache`, and a Service's name is a DNS label.
  if (!kubernetes.isDnsLabel(args.component) || args.component.length > 40 || /^\d/.test(args.component)) {
    const rule = "be a DNS label of at most 40 characters that starts with a letter";
    problems.push(problem("name", args.component, rule, "set a name such as vllm"));
  }
  if (args.apiKeyEnabled && args.names.tokenSecret === args.names.apiKeySecret) {
    const rule = `be another than the Secret with the API key of '${args.component}'`;
    problems.push(problem("hfTokenSecret", args.hfTokenSecret, rule, "set the name of the Secret with the token"));
  }
  problems.push(...namespaceProblems(args.namespace, "vllm-inference"));
  const optional = [
    "imagePullSecret",
    "hfTokenSecret",
    "existingClaim",
    "storageClassName",
    "runtimeClassName",
    "priorityClassName",
    "trustedCaConfigMap",
  ] as const;
  for (const field of optional) problems.push(...objectNameProblems(field, args[field]));
  return problems;
}

function imageProblems(args: ResolvedArgs): Problem[] {
  const image = kubernetes.parseImage(args.image);
  if (image === undefined) {
    const rule = "be an image reference";
    return [
      problem("image", args.image, rule, "set it to registry/repository:tag or registry/repository@sha256:<digest>"),
    ];
  }
  if (!args.requireImageDigest || image.digest !== undefined) return [];
  const rule = "name a digest while 'requireImageDigest' is true, because a tag can move";
  return [problem("image", args.image, rule, `set it to ${image.repository}@sha256:<digest>`)];
}

function modelProblems(args: ResolvedArgs): Problem[] {
  const problems: Problem[] = [];
  if (!kubernetes.isModelId(args.modelId)) {
    const rule = "be a model of the Hugging Face Hub, as owner/name";
    problems.push(problem("modelId", args.modelId, rule, "set an id such as Qwen/Qwen2.5-7B-Instruct-AWQ"));
  }
  if (args.modelRevision !== undefined && !isRevision(args.modelRevision)) {
    const rule = "be a commit, a tag or a branch";
    problems.push(problem("modelRevision", args.modelRevision, rule, "set a commit of the model, or leave it empty"));
  }
  if (args.modelSource === "hub" && args.hfToken === undefined && args.hfTokenSecret === undefined) {
    const remedy =
      "set it with `pulumi config set --secret hfToken` (a read token from huggingface.co/settings/tokens)";
    problems.push(problem("hfToken", undefined, "be set to download the model", remedy));
  }
  for (const field of ["hfEndpoint", "httpsProxy"] as const) {
    const value = args[field];
    if (value === undefined) continue;
    if (kubernetes.mayHoldPassword(value)) {
      const rule = "hold no user name or password, because every reader of the pod could see them";
      problems.push(problem(field, undefined, rule, "set the URL without them"));
    } else if (!kubernetes.isHttpUrl(value)) {
      problems.push(problem(field, value, "be an http or https URL", "set one such as https://mirror.example.com"));
    }
  }
  return problems;
}

function claimProblems(args: ResolvedArgs): Problem[] {
  const problems: Problem[] = [];
  if (!kubernetes.isAbsoluteFolder(args.modelsPath)) {
    const rule = "be an absolute path below / without trailing slash, . or ..";
    problems.push(problem("modelsPath", args.modelsPath, rule, "set a path such as /models-cache"));
  }
  problems.push(...quantityProblems("pvcSize", args.pvcSize, "30Gi"));
  if (args.existingClaim !== undefined && args.storageClassName !== undefined) {
    const rule = "be empty while 'existingClaim' is set, because no claim is made then";
    problems.push(problem("storageClassName", args.storageClassName, rule, "set only one of them"));
  }
  if (args.existingClaim !== undefined && args.createNamespace && !args.protectClaim && !args.keepNamespace) {
    const rule = "be false while 'existingClaim' is set, because `destroy` would delete the namespace with that claim";
    problems.push(problem("createNamespace", true, rule, "set it to false, or 'protectClaim' to true"));
  }
  return problems;
}

function routeProblems(args: ResolvedArgs): Problem[] {
  if (!args.routeEnabled) {
    if (args.routeHost === undefined) return [];
    const rule = "be empty while 'routeEnabled' is false";
    return [problem("routeHost", args.routeHost, rule, "set routeEnabled to true, or leave the host empty")];
  }
  const problems: Problem[] = [];
  if (args.routeHost !== undefined && !(kubernetes.isDnsName(args.routeHost) && args.routeHost.includes("."))) {
    const rule = "be a DNS name, without scheme, port or path";
    problems.push(
      problem("routeHost", args.routeHost, rule, "set a host such as vllm.apps.example.com, or leave it empty"),
    );
  }
  problems.push(...routePathProblems(args.routePath, "vLLM's API key guards nothing else"));
  if (!args.apiKeyEnabled) {
    const rule = "be true while 'routeEnabled' is true, or everybody who finds the Route can use the GPU";
    problems.push(problem("apiKeyEnabled", false, rule, "set it to true, or routeEnabled to false"));
  }
  problems.push(...routeTimeoutProblems(args.routeTimeout));
  return problems;
}

function resourceProblems(args: ResolvedArgs): Problem[] {
  const problems = quantityProblems("sharedMemorySize", args.sharedMemorySize, "2Gi");
  const shared = parseQuantity(args.sharedMemorySize);
  if (args.tensorParallelSize > 1 && shared !== undefined && shared < 2 * GiB) {
    const rule = `be at least 2Gi while 'tensorParallelSize' is ${args.tensorParallelSize}, because NCCL needs it`;
    problems.push(problem("sharedMemorySize", args.sharedMemorySize, rule, "set 2Gi"));
  }
  for (const field of ["resources", "downloaderResources"] as const)
    problems.push(...computeProblems(field, args[field]));
  return problems;
}

function placementProblems(args: ResolvedArgs): Problem[] {
  const labels = Object.entries(args.nodeSelector)
    .filter(([key, value]) => !kubernetes.isLabelKey(key) || !kubernetes.isLabelValue(value))
    .map(([key, value]) =>
      problem(
        "nodeSelector",
        `${key}: ${value}`,
        "be a node's label and its value",
        "set them as `oc get nodes --show-labels` shows them",
      ),
    );
  const tolerations = args.tolerations
    .filter(
      ({ key, operator, value }) =>
        (operator === "Exists" && value !== undefined) || (operator !== "Exists" && key === undefined),
    )
    .map((toleration) =>
      problem(
        "tolerations",
        toleration,
        "have a value only with operator Equal, and a key unless the operator is Exists",
        "set {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}",
      ),
    );
  return [...labels, ...tolerations];
}

function probeProblems(args: ResolvedArgs): Problem[] {
  return (["startupProbe", "readinessProbe", "livenessProbe"] as const).flatMap((field) => {
    const figures: ProbeFigures = args[field];
    const least = { initialDelaySeconds: 0, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 1 };
    return (Object.keys(least) as (keyof ProbeFigures)[]).flatMap((name) =>
      atLeast(`${field}.${name}`, figures[name], least[name]),
    );
  });
}

function timingProblems(args: ResolvedArgs): Problem[] {
  const problems = [
    ...atLeast("apiKeyRotation", args.apiKeyRotation, 0),
    ...atLeast("preStopSleepSeconds", args.preStopSleepSeconds, 0),
    ...atLeast("terminationGracePeriodSeconds", args.terminationGracePeriodSeconds, 1),
    ...atLeast("downloadRetrySeconds", args.downloadRetrySeconds, 0),
    ...atLeast("unschedulableTimeoutSeconds", args.unschedulableTimeoutSeconds, 1),
    ...atLeast("schedulingTimeoutSeconds", args.schedulingTimeoutSeconds, 1),
    ...atLeast("imagePullTimeoutSeconds", args.imagePullTimeoutSeconds, 1),
    ...atLeast("downloadTimeoutSeconds", args.downloadTimeoutSeconds, 1),
    ...atLeast("routeAdmissionTimeoutSeconds", args.routeAdmissionTimeoutSeconds, 1),
  ];
  if (args.preStopSleepSeconds >= args.terminationGracePeriodSeconds) {
    const rule = `be less than 'terminationGracePeriodSeconds' (${args.terminationGracePeriodSeconds}), or the pod is killed while it pauses`;
    problems.push(
      problem("preStopSleepSeconds", args.preStopSleepSeconds, rule, "set a shorter pause or a longer grace period"),
    );
  }
  if (args.unschedulableTimeoutSeconds > args.schedulingTimeoutSeconds) {
    const rule = `be at most 'schedulingTimeoutSeconds' (${args.schedulingTimeoutSeconds}), which ends the wait for a node`;
    const remedy = "set a shorter time or a longer limit";
    problems.push(problem("unschedulableTimeoutSeconds", args.unschedulableTimeoutSeconds, rule, remedy));
  }
  return problems;
}
