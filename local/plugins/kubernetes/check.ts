import { CheckRequest, type CheckResponse } from "@pulumi/pulumi/proto/provider_pb";
import { createHash, randomBytes } from "node:crypto";
import { checkResponse, type Failure } from "../shared/provider";
import { decode, hasUnknown, isMap, revealMap, type ValueMap } from "../shared/wire";
import { waitProblems } from "./await";
import { markSecrets } from "./checkpoint";
import {
  annotation,
  at,
  isTrue,
  mergeStringData,
  nameOf,
  namespaceOf,
  typeOf,
  withMetadata,
  withoutServerFields,
} from "./object";
import { isKnownClusterScoped, isNamespaced } from "./scope";
import type { Session } from "./session";

const autonamed = "pulumi.com/autonamed";
const annotations = [
  ...["waitFor", "skipAwait", "timeoutSeconds", "patchForce", "patchFieldManager"],
  ...["deletionPropagationPolicy", "autonamed"],
];

/** Completes the inputs (names, namespace) and refuses what this stand-in cannot do. */
export async function check(session: Session, request: CheckRequest): Promise<CheckResponse> {
  const urn = request.getUrn();
  const news = decode(request.getNews());
  const olds = revealMap(decode(request.getOlds()));
  const type = typeOf(urn);
  const failures = refusals(type);
  if (failures.length > 0) return checkResponse(news, failures);
  let inputs: ValueMap = { apiVersion: type.apiVersion, kind: type.kind, ...revealMap(news) };
  for (const [key, value] of Object.entries(inputs)) if (value === null) delete inputs[key];
  inputs = withoutServerFields(inputs);
  if (at(inputs, "metadata", "generateName") !== undefined && at(inputs, "metadata", "name") === undefined) {
    failures.push({
      property: "metadata.generateName",
      reason: "the `.metadata.generateName` field is not supported in Server-Side Apply mode",
    });
  } else {
    inputs = named(inputs, olds, request, failures);
  }
  inputs = await placed(session, inputs);
  if (!hasUnknown(inputs)) inputs = mergeStringData(inputs);
  failures.push(...annotationProblems(inputs));
  if (Object.keys(olds).length === 0) session.connectSoon();
  return checkResponse(markSecrets(inputs, news), failures);
}

function refusals({ apiVersion, kind }: { apiVersion: string; kind: string }): Failure[] {
  const refuse = (what: string): Failure[] => [
    {
      property: "",
      reason: `the stand-in for the kubernetes provider has no ${what}; install the official provider to use it`,
    },
  ];
  if (apiVersion.startsWith("helm.sh/")) return refuse("Helm releases");
  if (kind.endsWith("Patch")) return refuse(`patch resources (${kind})`);
  if (kind.endsWith("List")) return refuse(`lists (${kind})`);
  return [];
}

/** The engine's name, else a random one, where the program gives none; an earlier such name is kept. */
function named(inputs: ValueMap, olds: ValueMap, request: CheckRequest, failures: Failure[]): ValueMap {
  if (at(inputs, "metadata", "name") !== undefined) return inputs;
  const old = isTrue(olds, autonamed) ? nameOf(olds) : "";
  const options = request.getAutonaming();
  if (old === "" && options?.getMode() === CheckRequest.AutonamingOptions.Mode.DISABLE) {
    const reason = "autonaming is disabled, resource requires the .metadata.name field to be set";
    failures.push({ property: "metadata.name", reason });
    return inputs;
  }
  const proposed = options?.getProposedName() ?? "";
  const resource = request.getUrn().split("::").at(-1) ?? "";
  const seed = request.getRandomseed_asU8();
  const suffix = (seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4))
    .toString("hex")
    .slice(0, 8);
  const existing = at(inputs, "metadata", "annotations");
  return withMetadata(inputs, {
    name: old || proposed || `${resource}-${suffix}`,
    annotations: { ...(isMap(existing) ? existing : {}), [autonamed]: "true" },
  });
}

/** Puts a namespaced object without a namespace into the provider's. */
async function placed(session: Session, inputs: ValueMap): Promise<ValueMap> {
  if (at(inputs, "metadata", "namespace") !== undefined || hasUnknown(inputs["metadata"] ?? null)) return inputs;
  // Before the kubeconfig, whose reader takes a third of a second to load.
  if (isKnownClusterScoped(inputs) === true) return inputs;
  const namespace = await session.defaultNamespace();
  if (namespace === undefined || namespaceOf(inputs) !== "") return inputs;
  return (await isNamespaced(session, inputs)) ? withMetadata(inputs, { namespace }) : inputs;
}

function annotationProblems(inputs: ValueMap): Failure[] {
  const given = at(inputs, "metadata", "annotations");
  if (!isMap(given)) return [];
  const unknown = Object.keys(given).filter(
    (key) => key.startsWith("pulumi.com/") && !annotations.includes(key.slice(11)),
  );
  const problems = unknown.map((key) => ({
    property: `metadata.annotations["${key}"]`,
    reason:
      "the stand-in for the kubernetes provider does not know this annotation; install the official provider to use it",
  }));
  const seconds = annotation(inputs, "pulumi.com/timeoutSeconds");
  if (seconds !== "" && !/^\d+$/.test(seconds)) {
    problems.push({
      property: 'metadata.annotations["pulumi.com/timeoutSeconds"]',
      reason: `'${seconds}' must be whole seconds`,
    });
  }
  return [...problems, ...waitProblems(inputs)];
}
