import { type Problem, problem } from "../text/errors";
import { kindByName, secretIn } from "../text/secrets";
import { isDnsName } from "../text/syntax";
import { unknownTo } from "./imageLine";
import { everKnown } from "../images/known";
import type { ResolvedArgs } from "./resolve";

const offline = "be left as it is: the server reads the model from the claim alone, and asks no Hub";
const token = "be left out: the server downloads nothing, and the download has the token from 'hfToken'";
const devices = "be left to the device plugin, which says which GPUs are the pod's";

/** Variables that nobody else may set: the rest of a sentence. */
export const managedVariables: Readonly<Record<string, string>> = {
  HF_HUB_OFFLINE: offline,
  TRANSFORMERS_OFFLINE: offline,
  HF_TOKEN: token,
  HUGGING_FACE_HUB_TOKEN: token,
  VLLM_API_KEY: "be left to 'apiKeyEnabled', which sets it from a Secret",
  VLLM_CACHE_ROOT: "be left to 'modelsPath', below which it lies",
  VLLM_PORT: "be left out: vLLM takes it for its own port, and no Service may set it either",
  NVIDIA_DRIVER_CAPABILITIES: "be left as it is: compute and utility are what vLLM uses",
  NVIDIA_VISIBLE_DEVICES: devices,
  CUDA_VISIBLE_DEVICES: devices,
  HIP_VISIBLE_DEVICES: devices,
  ROCR_VISIBLE_DEVICES: devices,
};

/** The same, where 'securityMode' is restricted: home and caches lie on a volume then. */
export const restrictedVariables: readonly string[] = [
  "HOME",
  "USER",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "TRITON_CACHE_DIR",
  "TORCHINDUCTOR_CACHE_DIR",
];

/** What Kubernetes would set for a Service, if it were let: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
const serviceLink = /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/;

export function environmentProblems(args: ResolvedArgs): Problem[] {
  return Object.entries(args.env).flatMap(([name, value]) => {
    const path = `env.${name}`;
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      const rule = "be named as a variable is (letters, digits and _, no digit first)";
      return [problem(path, undefined, rule, "set a name such as VLLM_LOGGING_LEVEL")];
    }
    const rule = setElsewhere(args, name);
    if (rule !== undefined) return [problem(path, undefined, rule, `take '${name}' out of 'env'`)];
    return [...switchProblems(args, path, name), ...valueProblems(path, name, value)];
  });
}

function setElsewhere({ securityMode, line }: ResolvedArgs, name: string): string | undefined {
  if (serviceLink.test(name)) return "be left out: it looks like a Service's, which the pod is kept free of";
  if (securityMode === "restricted" && restrictedVariables.includes(name))
    return "be left as it is while 'securityMode' is restricted: home and caches must lie on a volume";
  if (name === "DO_NOT_TRACK" && line?.sendsUsage) return `be left as it is: on line ${line.name} this program sets it`;
  return managedVariables[name];
}

function switchProblems({ line }: ResolvedArgs, path: string, name: string): Problem[] {
  if (line === undefined || !name.startsWith("VLLM_")) return [];
  return unknownTo(line, "environment", path, name, everKnown("environment"));
}

function valueProblems(path: string, name: string, value: ResolvedArgs["env"][string]): Problem[] {
  if (typeof value === "string") {
    if (value === "") return [problem(path, undefined, "not be empty, because the API server drops it", "set a value")];
    const kind = secretIn(value) ?? kindByName(name, value);
    if (kind === undefined) return [];
    const rule = `come from a Secret, because every reader of the pod can see it (${kind})`;
    return [problem(path, undefined, rule, "set {secretKeyRef: {name: <secret>, key: <key>}}, and revoke this one")];
  }
  const { name: secret, key } = value.secretKeyRef;
  const problems: Problem[] = [];
  if (!isDnsName(secret)) {
    const rule = "be the name of a Secret (a-z, 0-9, - and .)";
    problems.push(problem(`${path}.secretKeyRef.name`, secret, rule, "set the Secret's name in the namespace"));
  }
  if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
    const rule = "be a key of a Secret (letters, digits, -, _ and .)";
    problems.push(problem(`${path}.secretKeyRef.key`, key, rule, "set the key whose value is meant"));
  }
  return problems;
}
