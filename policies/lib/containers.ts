/** What a container is made of: image, environment, arguments, accelerators, ports. */
import { programsIn, type Environment } from "./commandLine";
import type { Container } from "./pods";
import type { Program } from "./programs";
import { HOLE } from "./shell";
import { asText, at, elements, entries, isComplete, isObject, UNKNOWN, type Value, type Values } from "./values";

export function image(container: Container): string | undefined {
  return asText(at(container.spec, "image"));
}

/** `registry.example/team/name` of `registry.example/team/name:tag@sha256:…` */
export function repository(reference: string): string {
  const [withoutDigest = ""] = reference.split("@");
  return withoutDigest.replace(/:[^/:]*$/, "");
}

const started = new WeakMap<Container, readonly Program[] | typeof UNKNOWN>();

/** The programs that command and args start; `UNKNOWN` where the first word is not known. */
export function programs(container: Container): readonly Program[] | typeof UNKNOWN {
  const before = started.get(container);
  if (before !== undefined) return before;
  const found = programsIn([at(container.spec, "command"), at(container.spec, "args")], values(container));
  started.set(container, found);
  return found;
}

/** The literal variables; what comes from elsewhere is a hole. */
function values(container: Container): Environment {
  return new Map(environment(container).variables.map(({ name, entry }) => [name, asText(at(entry, "value")) ?? HOLE]));
}

export interface Variable {
  readonly name: string;
  readonly index: number;
  readonly entry: Value;
}

/** The environment; `complete` tells whether a variable that is not among them is certainly not set by `env`. */
export function environment(container: Container): { variables: readonly Variable[]; complete: boolean } {
  const list = at(container.spec, "env");
  const variables: Variable[] = [];
  let complete = isComplete(list);
  elements(list).forEach((entry, index) => {
    const name = at(entry, "name");
    if (typeof name === "string") variables.push({ name, index, entry });
    else if (name === UNKNOWN) complete = false;
  });
  return { variables, complete };
}

const accelerator =
  /^(?:nvidia\.com\/(?:gpu|mig-)|amd\.com\/gpu|habana\.ai\/gaudi|gpu\.intel\.com\/|google\.com\/tpu|ibm\.com\/spyre)/;

/** The accelerators in the limits, else in the requests: GPUs, MIG slices and their like from other makers. */
export function accelerators(container: Container): { resource: string; amount: Value } | undefined {
  for (const kind of ["limits", "requests"]) {
    const [first, ...more] = entries(at(container.spec, "resources", kind)).filter(([name]) => accelerator.test(name));
    if (!first) continue;
    const [resource, amount] = first;
    return { resource, amount: more.length > 0 ? UNKNOWN : amount };
  }
  return undefined;
}

export function volumeMounts(container: Container): Values[] {
  return elements(at(container.spec, "volumeMounts")).filter(isObject);
}
