/** What Kubernetes accepts as names and image references: pure checks, no message. */
import { isIP } from "node:net";

/** RFC 1123 label: namespaces, Services, Deployments here. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}

/** RFC 1123 subdomain: most other object names, and hosts. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isDnsLabel);
}

/** Key of a label: an optional domain, and a name. */
export function isLabelKey(text: string): boolean {
  const [name, prefix, ...rest] = text.split("/").reverse();
  const nameIsFine = name !== undefined && name.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name);
  return nameIsFine && rest.length === 0 && (prefix === undefined || isDnsName(prefix));
}

export function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text));
}

export interface ImageReference {
  repository: string;
  tag?: string;
  digest?: string;
}

/** https://github.com/distribution/reference */
export function parseImage(text: string): ImageReference | undefined {
  const domain = String.raw`(?:[A-Za-z0-9](?:[-.A-Za-z0-9]*[A-Za-z0-9])?(?::\d+)?\/)?`;
  const component = String.raw`[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*`;
  const pattern = new RegExp(
    `^(${domain}${component}(?:\\/${component})*)(?::([A-Za-z0-9_][-A-Za-z0-9_.]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$`,
  );
  const [, repository, tag, digest] = pattern.exec(text) ?? [];
  if (repository === undefined) return undefined;
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** A folder of its own below the root, in its shortest form. */
export function isAbsoluteFolder(text: string): boolean {
  const segments = text.split("/").slice(1);
  return text.startsWith("/") && segments.every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** `owner/name` as the Hugging Face Hub has it. */
export function isModelId(text: string): boolean {
  const part = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
  const parts = text.split("/");
  return parts.length === 2 && parts.every((each) => each.length <= 96 && part.test(each) && !/--|\.\./.test(each));
}

export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:\/\//.test(text);
}

/** Whether an address holds a user name or a password, or may hold one where it is no URL. Such a text must not be shown. */
export function mayHoldPassword(text: string): boolean {
  if (!isHttpUrl(text)) return text.includes("@");
  const { username, password } = new URL(text);
  return username !== "" || password !== "";
}

/** CIDR, of IPv4 or IPv6: `203.0.113.0/24`. */
export function isAddressRange(text: string): boolean {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  return Number(bits) <= { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
}
