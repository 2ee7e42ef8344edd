import { templateText } from "../../components/args/chatTemplate";
import type { ClusterClient } from "../../components/cluster/client";
import { ApiError } from "../../components/cluster/apiError";
import { foreignFields } from "../../components/hooks/drift";
import * as manifests from "../../components/manifests";
import { componentAnnotation, ownerAnnotation } from "../../components/manifests/labels";
import { objectPath } from "../../components/hooks/ownership";
import type { ResolvedArgs } from "../../components/args/resolve";

/** An object that the stack would make, as far as it is known without secrets. */
export interface WantedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  /** What of it is compared. */
  inputs: unknown;
}

/** How a live object differs from what the stack would make. */
export interface Difference {
  kind: string;
  name: string;
  problem: "missing" | "unreadable" | "foreign" | "differs";
  detail: string;
  /** The stack that a foreign object says it belongs to. */
  holder?: string;
}

/** Every object that the stack makes in its namespace, from the program's own builders. */
export function wantedObjects(args: ResolvedArgs): WantedObject[] {
  const context: manifests.Context = { args, owner: manifests.nobody };
  const object = (apiVersion: string, kind: string, made: object, compared: object = {}): WantedObject => ({
    apiVersion,
    kind,
    metadata: (made as WantedObject).metadata,
    inputs: compared,
  });
  const whole = (apiVersion: string, kind: string, made: object): WantedObject => object(apiVersion, kind, made, made);
  const rbac = "rbac.authorization.k8s.io/v1";
  const account = manifests.serviceAccount(context);
  const claim = manifests.claim(context);
  // What `up` publishes is known only after it: of that ConfigMap it is looked at whether it is there, and whose it is.
  const published = manifests.metadata(context, args.names.publishedConfigMap);
  const template = args.chatTemplate === undefined ? undefined : templateText(args.chatTemplate);
  return [
    ...(args.createNamespace ? [whole("v1", "Namespace", manifests.namespace(context))] : []),
    object("v1", "ServiceAccount", account),
    ...(manifests.grantsScc(args)
      ? [whole(rbac, "Role", manifests.sccRole(context)), whole(rbac, "RoleBinding", manifests.sccRoleBinding(context))]
      : []),
    ...(args.hfToken === undefined
      ? []
      : [object("v1", "Secret", { metadata: manifests.metadata(context, args.names.tokenSecret) })]),
    ...(args.apiKeyEnabled
      ? [object("v1", "Secret", { metadata: manifests.metadata(context, args.names.apiKeySecret) })]
      : []),
    ...(args.existingClaim === undefined ? [whole("v1", "PersistentVolumeClaim", claim)] : []),
    whole("v1", "ConfigMap", manifests.downloaderConfigMap(context, manifests.downloaderScript())),
    ...(template === undefined ? [] : [whole("v1", "ConfigMap", manifests.chatTemplateConfigMap(context, template))]),
    object("v1", "ConfigMap", { metadata: published }),
    whole("v1", "Service", manifests.service(context)),
    whole("apps/v1", "Deployment", manifests.deployment(context, {})),
    ...(args.routeEnabled ? [whole("route.openshift.io/v1", "Route", manifests.route(context))] : []),
  ];
}

interface Live {
  metadata?: { annotations?: Record<string, string>; managedFields?: Parameters<typeof foreignFields>[1] };
}

/** Compares the live objects with the wanted ones. */
export async function differences(
  client: ClusterClient,
  wanted: readonly WantedObject[],
  stackPath: string,
): Promise<Difference[]> {
  const found = await Promise.all(wanted.map((object) => compare(client, object, stackPath)));
  return found.flat();
}

async function compare(client: ClusterClient, object: WantedObject, stackPath: string): Promise<Difference[]> {
  const { kind, metadata } = object;
  const about = { kind, name: metadata.name };
  let live: Live | undefined;
  try {
    live = (await client.get(objectPath({ ...object, ...metadata })))?.body as Live | undefined;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return [{ ...about, problem: "unreadable", detail: `the right to get ${kind.toLowerCase()}s is missing` }];
  }
  if (!live) return [{ ...about, problem: "missing", detail: "does not exist" }];
  const holder = live.metadata?.annotations?.[ownerAnnotation];
  if (holder === undefined || !holder.endsWith(`/${stackPath}`)) {
    const whose =
      holder === undefined ? "carries no owner: this program has not made it" : `belongs to the stack '${holder}'`;
    return [{ ...about, problem: "foreign", detail: whose, ...(holder !== undefined && { holder }) }];
  }
  const by = [...foreignFields(object.inputs, live.metadata?.managedFields ?? [])].map(
    ([manager, fields]) => [fields, ` (set by '${manager}')`] as const,
  );
  const judged = [ownerAnnotation, componentAnnotation];
  const fields = changed(object.inputs, live).filter(({ path }) => !judged.some((name) => path.endsWith(name)));
  return fields.map((field) => ({
    ...about,
    problem: "differs" as const,
    detail: `${field.text}${by.find(([fields]) => fields.some((name) => name.startsWith(field.path) || field.path.startsWith(name)))?.[1] ?? ""}`,
  }));
}

interface Change {
  path: string;
  text: string;
}

/** Fields that are wanted and are otherwise, at most one per branch; what the cluster adds is no difference. */
export function changed(wanted: unknown, live: unknown, path = ""): Change[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live)) return [change(path, wanted, live)];
    const named = wanted.every((each) => typeof (each as { name?: unknown } | null)?.name === "string");
    if (!named) return sameList(wanted, live) ? [] : [change(path, wanted, live)];
    return (wanted as { name: string }[]).flatMap((each) =>
      changed(
        each,
        (live as { name?: string }[]).find(({ name }) => name === each.name),
        `${path}[${each.name}]`,
      ),
    );
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof live !== "object" || live === null)
      return Object.keys(wanted).length === 0 ? [] : [change(path, wanted, live)];
    return Object.entries(wanted).flatMap(([key, value]) =>
      value === undefined
        ? []
        : changed(value, (live as Record<string, unknown>)[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return wanted === live ? [] : [change(path, wanted, live)];
}

/** Elements are compared like fields: the API server fills in what they leave out. */
function sameList(wanted: readonly unknown[], live: readonly unknown[]): boolean {
  return wanted.length === live.length && wanted.every((each, index) => changed(each, live[index]).length === 0);
}

function change(path: string, wanted: unknown, live: unknown): Change {
  const long = [wanted, live].every((value) => typeof value === "string" && value.includes("\n"));
  return {
    path,
    text: long ? `${path} is another text` : `${path} is ${shown(live)}, the stack wants ${shown(wanted)}`,
  };
}

function shown(value: unknown): string {
  if (value === undefined) return "unset";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.includes("\n")) return `a text of ${text.split("\n").length} lines`;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
