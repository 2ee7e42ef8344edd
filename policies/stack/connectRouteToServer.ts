import { closestTo } from "../../components/text/closest";
import { podServesVllm, servesVllm } from "../lib/evidence";
import { sameNamespace, title, type KubernetesObject } from "../lib/objects";
import { podsOf } from "../lib/pods";
import { stackPolicy, type StackProblem } from "../lib/policy";
import { isRoute } from "../lib/routes";
import { answersOn, find, isService, mayBeUnnamed, routedPort, selectedPods, servicePorts } from "../lib/stack";
import { asText, at, entries, isObject, UNKNOWN } from "../lib/values";

export const connectRouteToServer = stackPolicy({
  name: "connect-route-to-server",
  description:
    "Route, Service and pods line up in names, selectors and ports, because a Route that reaches no pod answers 503 " +
    "whatever the pod does.",
  url: "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
  symptom: "route-answers-503",
  level: "mandatory",
  about: "servers",
  *check(objects): Iterable<StackProblem> {
    for (const object of objects) {
      if (isRoute(object)) yield* ofRoute(objects, object);
      else if (isService(object)) yield* ofService(objects, object);
      else yield* ofWorkload(object);
    }
  },
});

function* ofRoute(objects: readonly KubernetesObject[], route: KubernetesObject): Iterable<StackProblem> {
  const name = asText(at(route.value, "spec", "to", "name"));
  if (name === undefined) return;
  const service = find(objects, "Service", name, route);
  if (!service) {
    // A Service from elsewhere is possible; a name that is nearly that of a server's Service is a slip.
    const names = serverServices(objects, route).map((other) => other.name);
    const meant = closestTo(name, names);
    if (meant === undefined || mayBeUnnamed(objects, "Service", route)) return;
    const set = `set "${meant}"`;
    yield { object: route, field: "spec.to.name", value: name, must: "be a Service of the stack", set };
    return;
  }
  if (routedPort(route, service) !== undefined) return;
  const names = servicePorts(service).map((port) => port.name ?? port.targetPort);
  yield {
    object: route,
    field: "spec.port.targetPort",
    value: at(route.value, "spec", "port", "targetPort"),
    must: `be a port of ${title(service)}`,
    set: `set ${names.map(String).join(" or ")}`,
  };
}

/** The Services beside a Route that select a vLLM server. */
function serverServices(objects: readonly KubernetesObject[], route: KubernetesObject): KubernetesObject[] {
  return objects.filter(
    (object) =>
      isService(object) &&
      sameNamespace(object.namespace, route.namespace) &&
      selectedPods(objects, object)?.some(podServesVllm) === true,
  );
}

function servesHere(object: KubernetesObject, service: KubernetesObject): boolean {
  return (
    sameNamespace(object.namespace, service.namespace) && podsOf(object).some((pod) => pod.whole && podServesVllm(pod))
  );
}

function* ofService(objects: readonly KubernetesObject[], service: KubernetesObject): Iterable<StackProblem> {
  const pods = selectedPods(objects, service);
  const routed = objects.some(
    (object) =>
      isRoute(object) &&
      find(objects, "Service", asText(at(object.value, "spec", "to", "name")) ?? "", object) === service,
  );
  // A server that no Service reaches, beside a Service with a Route that selects nothing: one was meant for the other.
  const lonely = objects.some((object) => servesHere(object, service)) && serverServices(objects, service).length === 0;
  if (pods?.length === 0 && routed && lonely) {
    const set = "set the labels of the server's pod template";
    yield {
      object: service,
      field: "spec.selector",
      value: at(service.value, "spec", "selector"),
      must: "select pods of the stack",
      set,
    };
  }
  for (const pod of (pods ?? []).filter(podServesVllm)) {
    for (const { name, targetPort } of servicePorts(service)) {
      const answers = pod.containers.filter(({ init }) => !init).map((container) => answersOn(container, targetPort));
      if (answers.some((answer) => answer !== false)) continue;
      const ports = pod.containers.filter(servesVllm).map(({ spec }) => at(spec, "ports", 0, "containerPort"));
      yield {
        object: service,
        field: `spec.ports.${name ?? ""}.targetPort`.replace("..", "."),
        value: targetPort,
        must: `be a port of ${title(pod.object)}`,
        set: `set ${ports.map((port) => (typeof port === "number" ? String(port) : "the server's port")).join(" or ")}`,
      };
    }
  }
}

/** The API server refuses this too, but after everything before it was created. */
function* ofWorkload(object: KubernetesObject): Iterable<StackProblem> {
  const selector = at(object.value, "spec", "selector", "matchLabels");
  if (!isObject(selector)) return;
  for (const pod of podsOf(object).filter(podServesVllm)) {
    const labels = at(pod.metadata ?? {}, "labels");
    if (labels === UNKNOWN) continue;
    for (const [key, value] of entries(selector)) {
      const label = at(labels, key);
      if (value === UNKNOWN || label === UNKNOWN || label === value) continue;
      const set = `set the label on the pod template`;
      yield {
        object,
        field: `spec.template.metadata.labels.${key}`,
        value: label,
        must: `be ${JSON.stringify(value)} as in the selector`,
        set,
      };
    }
  }
}
