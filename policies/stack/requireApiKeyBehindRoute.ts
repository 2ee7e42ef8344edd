import { flag } from "../lib/commandLine";
import { environment, type Variable } from "../lib/containers";
import { containerTitle, type Container } from "../lib/pods";
import { stackPolicy, type StackProblem } from "../lib/policy";
import { exposures } from "../lib/stack";
import { annotations, title, type KubernetesObject } from "../lib/objects";
import { at, elements, UNKNOWN } from "../lib/values";
import { argumentsAreWhole, serverWords } from "../lib/server";

export const requireApiKeyBehindRoute = stackPolicy({
  name: "require-api-key-behind-route",
  description:
    "A public Route to vLLM has an API key behind it and a path, because the key guards /v1 alone and everything else " +
    "would answer anyone.",
  url: "https://docs.vllm.ai/en/latest/usage/security/",
  level: "mandatory",
  about: "servers",
  *check(objects): Iterable<StackProblem> {
    for (const { route, container } of exposures(objects).filter((exposure) => isPublic(exposure.route))) {
      if (hasNoKey(container)) {
        yield {
          object: container.pod.object,
          container: container.name,
          field: "env.VLLM_API_KEY",
          value: undefined,
          must: `be set, because ${title(route)} is public`,
          set: "set valueFrom: { secretKeyRef: … }, or remove the Route",
        };
      }
      const path = at(route.value, "spec", "path");
      if (path === UNKNOWN || (typeof path === "string" && path.startsWith("/v1"))) continue;
      yield {
        object: route,
        field: "spec.path",
        value: path,
        must: `limit the Route to what the API key guards in ${containerTitle(container)}`,
        set: 'set path: "/v1"',
      };
    }
  },
});

/** An allowlist of addresses makes a Route private enough, unless it is empty or lists them all. */
function isPublic(route: KubernetesObject): boolean {
  const lists = annotations(route).filter(([key]) =>
    /^haproxy\.router\.openshift\.io\/ip_(?:allow|white)list$/.test(key),
  );
  return !lists.some(
    ([, value]) => typeof value !== "string" || (value.trim() !== "" && !/(^|\s)(0\.0\.0\.0|::)\/0(\s|$)/.test(value)),
  );
}

/** An empty key is none: vLLM then answers everybody. */
function isKey({ name, entry }: Variable): boolean {
  return name === "VLLM_API_KEY" && at(entry, "value") !== "";
}

function hasNoKey(container: Container): boolean {
  const { variables, complete } = environment(container);
  const fromElsewhere = at(container.spec, "envFrom") === UNKNOWN || elements(at(container.spec, "envFrom")).length > 0;
  if (!complete || fromElsewhere || variables.some(isKey)) return false;
  return flag(serverWords(container), "api-key") === "absent" && argumentsAreWhole(container);
}
