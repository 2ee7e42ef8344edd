import type { Check } from "../check";
import { autoChecks } from "./auto";
import { chatChecks } from "./chat";
import { claudeCodeChecks } from "./claudeCode";
import { messageChecks } from "./messages";
import { modelChecks } from "./models";
import { tokenChecks } from "./tokens";

/** Every check, in the order in which it is tried. */
export const checks: readonly Check[] = [
  ...modelChecks,
  ...chatChecks,
  ...messageChecks,
  ...tokenChecks,
  ...claudeCodeChecks,
  ...autoChecks,
];
