/** The table of cases of every policy. */
import type { PolicyCases } from "./support";
import requireHfHubOnline from "./cases/requireHfHubOnline";
import requireRecreate from "./cases/requireRecreate";
import requireServiceLinksDisabled from "./cases/requireServiceLinksDisabled";

export const tables: readonly PolicyCases[] = [requireRecreate, requireServiceLinksDisabled, requireHfHubOnline];
