import { dig, resourcePolicy, type Problem } from "../lib/policy";
import { everyRoute, isRoute, leadsToVllm, routerSeconds } from "../lib/routes";
import { asText, at, UNKNOWN } from "../lib/values";

interface Settings {
  readonly minimumSeconds: number;
  readonly everyRoute: boolean;
}

const annotation = "haproxy.router.openshift.io/timeout";

export const requireRouteTimeout = resourcePolicy<Settings>({
  name: "require-route-timeout",
  description:
    "A Route to vLLM has a timeout for long answers, because the router's 30 seconds end a long generation with a 504.",
  url: "https://docs.openshift.com/container-platform/latest/networking/routes/route-configuration.html",
  level: "mandatory",
  mends: true,
  settings: {
    minimumSeconds: {
      type: "integer",
      minimum: 1,
      default: 600,
      description: "Seconds that the Route's timeout must be at least.",
    },
    everyRoute,
  },
  *check(object, settings): Iterable<Problem> {
    if (!isRoute(object) || !(settings.everyRoute || leadsToVllm(object))) return;
    const value = at(object.value, "metadata", "annotations", annotation);
    if (value === UNKNOWN) return;
    const seconds = routerSeconds(asText(value) ?? "");
    if (seconds !== undefined && seconds >= settings.minimumSeconds) return;
    yield {
      field: `annotation ${annotation}`,
      value,
      must: `be at least ${settings.minimumSeconds}s`,
      set: `set "${settings.minimumSeconds}s"`,
      mend: (properties) => {
        dig(properties, [...object.path, "metadata", "annotations"])[annotation] = `${settings.minimumSeconds}s`;
      },
    };
  },
});
