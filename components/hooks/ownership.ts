import * as pulumi from "@pulumi/pulumi";
import { targetedLine, targetedText, thisOrganization, thisStack } from "../cluster/commands";
import type { ClusterConnection } from "../cluster/connection";
import { valueOf } from "../cluster/engine";
import { ApiError } from "../cluster/apiError";
import { type ClusterReader, sharedClient } from "../cluster/client";
import { connectionTrouble } from "../cluster/trouble";
import { decisiveHook } from "./ending";
import type { ObjectName } from "./made";
import { type Owner, anyComponent, componentAnnotation, ownerAnnotation } from "../manifests/labels";

/** The metadata that the check reads. */
interface Metadata {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  managedFields?: { manager?: string }[];
}

/** An object that a hook is about to create. */
interface NewObject extends ObjectName {
  component: string;
}

/** Whose the objects of a component are: the annotations of all its objects say it. */
export function ownerOf(component: pulumi.ComponentResource): Owner {
  // A plain promise: an object that depended on its own component's output would wait for itself.
  return { stack: thisOwner(), component: pulumi.output(valueOf(component.urn)).apply(componentOf) };
}

/** `<organization>/<project>/<stack>` of this program. */
export function thisOwner(): string {
  return `${thisOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
}

/** What tells a component among those of its stack: `<type>::<name>`, with the types of the components that it lies in. */
function componentOf(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

/**
 * Stops `up` before it takes over an object of somebody else, which creating would do without a word. An object that carries this
 * component's own annotations is one that a killed `up` has left behind, and is taken up.
 * @param all every object of the component: none is made while another stack has any of them
 */
export function ownershipHook(
  hookName: string,
  connection: ClusterConnection,
  adoptExisting: boolean,
  all: () => readonly ObjectName[] = () => [],
): pulumi.ResourceHook {
  const stack = thisStack();
  const owner = thisOwner();
  let foreign: Promise<string[]> | undefined;
  return decisiveHook(hookName, async ({ newInputs }) => {
    const object = newObject(newInputs);
    if (!object) return;
    let problem: string | undefined;
    try {
      const wish = { stack: owner, component: object.component, adoptExisting };
      const client = await sharedClient(connection);
      problem = await foreignOwner(client, object, wish, connection);
      const others = await (foreign ??= ofOtherStacks(client, all(), wish, connection));
      if (others.length > 0) problem ??= others.join("\n");
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw connectionTrouble(error, connection);
      // Who may not read it may not write it either, as a rule: the provider's own error then says so.
      const { name, kind } = object;
      await pulumi.log.warn(`Cannot see whether ${kind} '${name}' belongs to somebody else: ${error.message}`);
    }
    if (problem !== undefined) throw new Error(targetedText(problem, { stack }));
  });
}

/** Who is about to create an object. */
export interface Creator {
  stack: string;
  component: string;
  adoptExisting: boolean;
}

/** The sentence that refuses an object of somebody else; undefined where it is free, this component's own, or may be adopted. */
export async function foreignOwner(
  reader: ClusterReader,
  object: ObjectName,
  creator: Creator,
  connection: ClusterConnection,
): Promise<string | undefined> {
  const answer = await reader.get(objectPath(object));
  if (!answer) return undefined;
  const { metadata = {} } = answer.body as { metadata?: Metadata };
  const holder = metadata.annotations?.[ownerAnnotation];
  if (holder === undefined && creator.adoptExisting) return undefined;
  const where = object.namespace === undefined ? "" : ` in namespace '${object.namespace}'`;
  const exists = `${object.kind} '${object.name}'${where} exists already and `;
  if (holder === creator.stack) {
    const component = metadata.annotations?.[componentAnnotation];
    if (component === creator.component) return undefined;
    return `${exists}${otherComponent(object, creator, component, connection)}`;
  }
  if (holder !== undefined) {
    return (
      `${exists}belongs to the stack '${holder}'; this stack is '${creator.stack}'. ${elsewhere(object.kind)}To move it on purpose, first take it out of ` +
      `that stack, then run \`${targetedLine(annotateCommand(object, `${ownerAnnotation}-`), { connection })}\` and set \`pulumi config set adoptExisting true\`.`
    );
  }
  return (
    `${exists}was made by ${maker(metadata)}, not by this stack ('${creator.stack}'). ${elsewhere(object.kind)}` +
    "To take it over on purpose, set `pulumi config set adoptExisting true`."
  );
}

/** A sentence for each object that another stack has. What may not be read is left to the object's own turn. */
export async function ofOtherStacks(
  reader: ClusterReader,
  all: readonly ObjectName[],
  creator: Creator,
  connection: ClusterConnection,
): Promise<string[]> {
  const found = all.map(async (object) => {
    try {
      const answer = await reader.get(objectPath(object));
      const { metadata = {} } = (answer?.body ?? {}) as { metadata?: Metadata };
      const holder = metadata.annotations?.[ownerAnnotation];
      if (holder === undefined || holder === creator.stack) return undefined;
      return await foreignOwner(reader, object, creator, connection);
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return undefined;
      throw error;
    }
  });
  return (await Promise.all(found)).filter((each) => each !== undefined);
}

/**
 * The same stack, but another place in the program: the state has the object under its old name, and `up` ends by deleting what the
 * program no longer has.
 */
function otherComponent(
  object: ObjectName,
  { stack, component }: Creator,
  holder: string | undefined,
  connection: ClusterConnection,
): string {
  const [, project = "", name = ""] = stack.split("/");
  const whose = holder === undefined ? "" : `'${holder}' of `;
  const old = `urn:pulumi:${name}::${project}::${holder ?? "<its type and name>"}`;
  const here = component === anyComponent ? "this component" : `'${component}'`;
  const annotation = `${componentAnnotation}=${component} --overwrite`;
  return (
    `belongs to ${whose}this very stack. Made by ${here} now, it would be deleted at the end, as the old one's. If a component was renamed or moved in the program, ` +
    `put it back and run \`pulumi up\`; then move it with the option \`aliases: ["${old}"]\`; if two are to share it, let neither make it; if no resource of the stack is it any more ` +
    `(\`pulumi stack --show-urns\`), run \`${targetedLine(annotateCommand(object, annotation), { connection })}\`.`
  );
}

function elsewhere(kind: string): string {
  if (kind === "Namespace")
    return "Set another `namespace`, or `createNamespace` to false to deploy into it as it is. ";
  if (kind === "PersistentVolumeClaim")
    return "Set another `namespace`, or `existingClaim` to mount it without owning it. ";
  return "Set another `namespace`. ";
}

function annotateCommand({ kind, name, namespace }: ObjectName, change: string): string {
  return `kubectl annotate ${kind.toLowerCase()} ${name}${namespace === undefined ? "" : ` -n ${namespace}`} ${change}`;
}

/** Who has written the object, as far as it tells. */
function maker({ labels, managedFields }: Metadata): string {
  const managers = [...new Set((managedFields ?? []).map((field) => field.manager ?? ""))].filter(
    (name) => name !== "",
  );
  return (
    labels?.["app.kubernetes.io/managed-by"] ?? (managers.length > 0 ? `'${managers.join("', '")}'` : "somebody else")
  );
}

function newObject(inputs: Record<string, unknown> | undefined): NewObject | undefined {
  const { apiVersion, kind, metadata } = (inputs ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: Metadata;
  };
  // Without a name the API server generates one, which nobody else can have.
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof metadata?.name !== "string")
    return undefined;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    component: metadata.annotations?.[componentAnnotation] ?? anyComponent,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
  };
}

/** Path of an object of one of the kinds that these programs make: their plurals are regular. */
export function objectPath({ apiVersion, kind, name, namespace }: ObjectName): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${root}${scope}/${kind.toLowerCase().replace(/y$/, "ie")}s/${name}`;
}
