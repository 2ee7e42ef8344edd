/** How the objects of a stack refer to one another. */
import { servesVllm } from "./evidence";
import { sameNamespace, type KubernetesObject } from "./objects";
import { podsOf, type Container, type Pod } from "./pods";
import { isRoute } from "./routes";
import { asNumber, asText, at, elements, entries, isObject, UNKNOWN, type Value } from "./values";
import { serverPort } from "./server";

/** The object of this kind and name that `from` means by it. */
export function find(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
  from: KubernetesObject,
): KubernetesObject | undefined {
  return objects.find(
    (object) => object.kind === kind && object.name === name && sameNamespace(object.namespace, from.namespace),
  );
}

/** Whether an object of this kind whose name is not known yet may be the one that `from` means. */
export function mayBeUnnamed(objects: readonly KubernetesObject[], kind: string, from: KubernetesObject): boolean {
  return objects.some(
    (object) => object.kind === kind && !object.nameKnown && sameNamespace(object.namespace, from.namespace),
  );
}

export function isService(object: KubernetesObject): boolean {
  return object.kind === "Service" && object.apiVersion === "core/v1";
}

/** The pods that a Service's selector selects; `undefined` if that cannot be told. */
export function selectedPods(objects: readonly KubernetesObject[], service: KubernetesObject): Pod[] | undefined {
  const selector = at(service.value, "spec", "selector");
  if (!isObject(selector) || Object.values(selector).includes(UNKNOWN)) return undefined;
  const selected: Pod[] = [];
  for (const pod of objects.flatMap(podsOf)) {
    if (!pod.whole || !sameNamespace(pod.object.namespace, service.namespace)) continue;
    const labels = at(pod.metadata ?? {}, "labels");
    if (labels === UNKNOWN || entries(selector).some(([key]) => at(labels, key) === UNKNOWN)) return undefined;
    if (entries(selector).every(([key, value]) => at(labels, key) === value || isOwnLabel(pod, key, value)))
      selected.push(pod);
  }
  return selected;
}

/** Labels that the controller of a LeaderWorkerSet puts on its pods. */
function isOwnLabel({ object }: Pod, key: string, value: Value): boolean {
  if (object.kind !== "LeaderWorkerSet" || !key.startsWith("leaderworkerset.sigs.k8s.io/")) return false;
  return !key.endsWith("/name") || value === object.name;
}

export interface ServicePort {
  readonly name: string | undefined;
  readonly port: number | undefined;
  readonly targetPort: Value | undefined;
}

export function servicePorts(service: KubernetesObject): ServicePort[] {
  return elements(at(service.value, "spec", "ports")).map((entry) => ({
    name: asText(at(entry, "name")),
    port: asNumber(at(entry, "port")),
    targetPort: at(entry, "targetPort") ?? at(entry, "port"),
  }));
}

/** Whether a container of the pod listens where a Service's targetPort points; `undefined` if that cannot be told. */
export function answersOn(container: Container, targetPort: Value | undefined): boolean | undefined {
  if (targetPort === UNKNOWN || targetPort === undefined) return undefined;
  const declared = elements(at(container.spec, "ports"));
  const number = asNumber(targetPort);
  if (at(container.spec, "ports") === UNKNOWN || declared.includes(UNKNOWN)) return undefined;
  if (number === undefined) return declared.some((port) => at(port, "name") === targetPort);
  if (declared.some((port) => asNumber(at(port, "containerPort")) === number)) return true;
  // A port need not be declared: the server's own is known from its arguments, if those are.
  if (!servesVllm(container)) return declared.length === 0 ? undefined : false;
  const port = serverPort(container);
  return port === undefined ? undefined : port === number;
}

/** The port of the Service that a Route leads to: by the Service port's name, or by the pod's port. */
export function routedPort(
  route: KubernetesObject,
  service: KubernetesObject,
): ServicePort | typeof UNKNOWN | undefined {
  const wanted = at(route.value, "spec", "port", "targetPort");
  const ports = servicePorts(service);
  if (wanted === UNKNOWN || ports.length === 0) return UNKNOWN;
  if (wanted === undefined) return ports.length === 1 ? ports[0] : UNKNOWN;
  const number = asNumber(wanted);
  if (ports.some(({ targetPort }) => targetPort === UNKNOWN)) return UNKNOWN;
  return ports.find((port) =>
    number === undefined ? port.name === wanted : asNumber(port.targetPort) === number || port.port === number,
  );
}

export interface Exposure {
  readonly route: KubernetesObject;
  readonly service: KubernetesObject;
  readonly container: Container;
}

/** Every Route that ends at a container which serves vLLM, itself and not a proxy beside it. */
export function exposures(objects: readonly KubernetesObject[]): Exposure[] {
  return objects.filter(isRoute).flatMap((route) =>
    servicesOf(objects, route).flatMap((service): Exposure[] => {
      const port = routedPort(route, service);
      if (port === UNKNOWN || port === undefined) return [];
      const containers = (selectedPods(objects, service) ?? []).flatMap((pod) => pod.containers);
      return containers
        .filter((container) => servesVllm(container) && answersOn(container, port.targetPort) === true)
        .map((container) => ({ route, service, container }));
    }),
  );
}

/** The Services of the stack that a Route divides its requests among. */
function servicesOf(objects: readonly KubernetesObject[], route: KubernetesObject): KubernetesObject[] {
  const backends: readonly (Value | undefined)[] = [
    at(route.value, "spec", "to"),
    ...elements(at(route.value, "spec", "alternateBackends")),
  ];
  return backends.flatMap((backend) => {
    const name = asText(at(backend, "name"));
    return (name !== undefined && find(objects, "Service", name, route)) || [];
  });
}

/** The Routes that a policy about Routes to vLLM judges. */
export function judgedRoutes(objects: readonly KubernetesObject[], every: boolean): KubernetesObject[] {
  const reaching = new Set(exposures(objects).map(({ route }) => route));
  return objects.filter((object) => isRoute(object) && (every || reaching.has(object)));
}
