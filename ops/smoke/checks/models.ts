import type { Check } from "../check";
import { CheckFailed } from "../http";

interface ModelList {
  data?: { id?: unknown; max_model_len?: unknown }[];
}

/** What clients are shown and who may ask. */
export const modelChecks: readonly Check[] = [
  {
    name: "models",
    what: "/v1/models shows the served names and no path",
    needs: [],
    async run({ http, target }) {
      const { body, exchange } = await http.json<ModelList>("/v1/models");
      const ids = Array.isArray(body.data) ? body.data.map(({ id }) => String(id)) : [];
      if (ids.length === 0) throw new CheckFailed("lists no model", exchange);
      const path = ids.find((id) => id.startsWith("/"));
      if (path !== undefined) throw new CheckFailed(`lists the path ${path} as a model's name`, exchange);
      const missing = target.names.filter((name) => !ids.includes(name));
      if (missing.length > 0) {
        throw new CheckFailed(`does not list ${missing.join(", ")}`, exchange, `not listed: ${missing.join(", ")}`);
      }
      return { note: ids.length > 4 ? `${ids.length} names` : ids.join(", ") };
    },
  },
  {
    name: "key",
    what: "without the API key there is no answer",
    needs: ["models"],
    skip: ({ key }) => (key === undefined ? "no key is known" : undefined),
    async run({ http }) {
      const exchange = await http.statusWithoutKey("/v1/models");
      if (exchange.status === 401 || exchange.status === 403) return { note: `answers ${exchange.status}` };
      const { status = 0 } = exchange;
      // LiteLLM without its database stumbles over the refusal.
      if (status >= 300) return { note: `answers ${status} instead of 401, but it does not answer` };
      throw new CheckFailed(`answered ${status} to a request without a key`, exchange, `open to everybody: ${status}`);
    },
  },
];
