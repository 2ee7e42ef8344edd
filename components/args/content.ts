import type { VllmInferenceArgs } from "./args";

/**
 * Arguments that may be Outputs, because they are only written into objects: whether they are set decides which objects there are, what they
 * say does not.
 */
export const contentNames = [
  "namespace",
  "image",
  "imagePullSecret",
  "hfTokenSecret",
  "existingClaim",
  "trustedCaConfigMap",
] as const;
export type ContentName = (typeof contentNames)[number];

/** The arguments once they are known; the token is never looked at. */
export type PlainArgs = Omit<VllmInferenceArgs, ContentName> & Partial<Record<ContentName, string>>;
