/** Serves the policies to the engine. Nothing else may import this: `new PolicyPack` starts a server. */
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./index";
import { watchConfiguration } from "./lib/configuration";

watchConfiguration();
new PolicyPack("vllm-policies", { policies: [...policies], enforcementLevel: "mandatory" });
