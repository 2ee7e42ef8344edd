import { firstModel } from "../components/config/models";

/** A model as its inference stack's outputs describe it. */
export interface Model {
  /** `<organization>/<project>/<stack>` */
  stack: string;
  /** Its name among the models of its stack. */
  model: string;
  /** Whether its stack has no other. */
  isOnly: boolean;
  /** Where it stands in the configuration, for messages: `models[0]`. */
  path: string;
  modelId: string;
  servedModelNames: string[];
  maxModelLen: number;
  /** Undefined where the server does not parse tool calls. */
  toolCallParser: string | undefined;
  /** The line of its image; undefined where its stack does not know it, or is of an older program. */
  imageLine?: string | undefined;
  /** By which URL the gateway reaches it, without `/v1`. */
  url: string | undefined;
  /** Whether its server wants an API key. */
  hasApiKey: boolean;
  aliases: readonly string[];
}

/** One entry of the gateway: requests for `alias` go to `servedName` at `url`. Entries with the same alias share its requests. */
export interface Registration {
  /** Always the same for the same gateway, model and alias, so that a second run finds the first one's entry. */
  id: string;
  /** The gateway's own stack, by which its entries are told from everybody else's. */
  owner: string;
  alias: string;
  /** Which model it is: see `refOf`. */
  ref: string;
  modelId: string;
  servedName: string;
  url: string;
  hasApiKey: boolean;
  maxInputTokens: number;
  maxOutputTokens: number;
}

/**
 * What tells a model from all others: `<stack>/<name>`; of the one that a stack without `models` has, the stack alone. It becomes one of
 * several without another key or entry.
 */
export function refOf({ stack, model }: Pick<Model, "stack" | "model">): string {
  return model === firstModel ? stack : `${stack}/${model}`;
}
