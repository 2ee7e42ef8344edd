/** `npm run ci:drift -- dev`: fails when the cluster differs from what the stack's state says, or the state from what the program makes. */
import { policyPackArguments } from "./policyPack";
import { runOnStack } from "./realStack";

runOnStack(
  "ci:drift",
  "Compares a deployment with what the program makes; changes nothing.",
  ({ name, folder, pulumi }) =>
    pulumi("preview", "--refresh", "--expect-no-changes", "--diff", ...policyPackArguments(name, folder)),
);
