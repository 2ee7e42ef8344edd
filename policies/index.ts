/** Every policy of the pack, in the order of the documentation. A new one is a file of its own and a line here. */
import type { PackPolicy } from "./lib/policy";
import { requireHfHubOnline } from "./resource/requireHfHubOnline";
import { requireRecreate } from "./resource/requireRecreate";
import { requireServiceLinksDisabled } from "./resource/requireServiceLinksDisabled";

export const policies: readonly PackPolicy[] = [requireRecreate, requireServiceLinksDisabled, requireHfHubOnline];
