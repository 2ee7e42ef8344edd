import { dig, stackPolicy, type StackProblem } from "../lib/policy";
import { everyRoute, routerSeconds } from "../lib/routes";
import { judgedRoutes } from "../lib/stack";
import { asText, at, UNKNOWN } from "../lib/values";

interface Settings {
  readonly minimumSeconds: number;
  readonly everyRoute: boolean;
}

const annotation = "haproxy.router.openshift.io/timeout";

export const requireRouteTimeout = stackPolicy<Settings>({
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
  *check(objects, settings): Iterable<StackProblem> {
    for (const object of judgedRoutes(objects, settings.everyRoute)) {
      const value = at(object.value, "metadata", "annotations", annotation);
      if (value === UNKNOWN) continue;
      const seconds = routerSeconds(asText(value) ?? "");
      if (seconds !== undefined && seconds >= settings.minimumSeconds) continue;
      yield {
        object,
        field: `annotation ${annotation}`,
        value,
        must: `be at least ${settings.minimumSeconds}s`,
        set: `set "${settings.minimumSeconds}s"`,
        mend: (properties) => {
          dig(properties, [...object.path, "metadata", "annotations"])[annotation] = `${settings.minimumSeconds}s`;
        },
      };
    }
  },
});
