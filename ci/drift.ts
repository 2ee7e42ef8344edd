/** `npm run ci:drift -- dev`: fails when the cluster differs from what the stack's state says, or the state from what the program makes. */
import { join } from "node:path";
import { repositoryRoot } from "../local/paths";
import { runOnStack } from "./realStack";

runOnStack("ci:drift", "Compares a deployment with what the program makes; changes nothing.", ({ pulumi }) =>
  pulumi("preview", "--refresh", "--expect-no-changes", "--diff", "--policy-pack", join(repositoryRoot, "policies")),
);
