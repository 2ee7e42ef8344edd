import type { Http } from "./http";

/** What is tested. */
export interface Target {
  /** Base URL without `/v1`. */
  readonly url: string;
  readonly key?: string | undefined;
  /** Whether vLLM itself answers, or LiteLLM in front of it. */
  readonly kind: "vllm" | "gateway";
  /** Names by which clients ask; each must be listed. */
  readonly names: readonly string[];
  /** The one that the checks ask for. */
  readonly model: string;
  /** Tokens of context; undefined where nobody has said. */
  readonly context?: number | undefined;
  /** Whether the stack's outputs tell that it takes the role `system` inside messages; undefined where there are none. */
  readonly takesInlineSystem?: boolean | undefined;
}

export interface CheckContext {
  readonly target: Target;
  readonly http: Http;
}

/** What a check that has passed found out, in a few words. */
export interface Finding {
  readonly note: string;
  /** The check is advisory and would rather have seen something else. */
  readonly advice?: string;
}

/** One check: throws `CheckFailed`, or says what it found. */
export interface Check {
  readonly name: string;
  readonly what: string;
  /** Checks without which this one says nothing new: it is skipped when one of them has failed. */
  readonly needs: readonly string[];
  /** Why it does not apply to this target. */
  readonly skip?: (target: Target) => string | undefined;
  readonly run: (context: CheckContext) => Promise<Finding>;
}
