import { checkConfig } from "../../../components/config/readConfig";

/** A configuration of these texts and of what every one needs, as it is read. */
export function asConfigured(values: Record<string, string>): ReturnType<typeof checkConfig> {
  const needed = { kubeContext: "dev", hfToken: "hf_canaryMustNotBeSeen0123456789" };
  return checkConfig({ values: { ...needed, ...values }, secretKeys: new Set(["hfToken"]) });
}
