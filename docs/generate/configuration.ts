/**
 * The stack's configuration as a table: names, descriptions and effects from the TSDoc of the arguments in components/args, defaults from
 * components/args/defaults.ts; and the `config:` section of Pulumi.yaml from the same.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { parseDocument } from "yaml";
import { type ConfigKey, configKeys } from "../../components/config/schema";
import { defaults } from "../../components/args/defaults";

const root = path.resolve(__dirname, "../..");
export const projectFile = "Pulumi.yaml";

type ConfigType = "string" | "integer" | "boolean" | "array" | "object";

export interface ConfigEntry {
  name: ConfigKey;
  type: ConfigType;
  /** Type of the elements of an array. */
  items?: ConfigType;
  /** What Pulumi.yaml says; an empty text means unset. */
  default: unknown;
  description: string;
  /** What a change of it does to a running deployment. */
  change: string;
}

/** Keys that are maps or lists but have no default to tell it. */
const objects: readonly ConfigKey[] = ["modelFigures", "models"];
/** Lists of maps, which Pulumi.yaml calls objects. */
const listsOfObjects: readonly ConfigKey[] = ["tolerations", "loraAdapters"];

export function configTable(): ConfigEntry[] {
  const comments = argumentComments("ClusterSettings", "ModelsSettings", "VllmInferenceArgs");
  return configKeys.map((name) => {
    const comment = comments.get(name);
    if (comment === undefined) throw new Error(`components/args says nothing about '${name}'`);
    return { name, ...typed(name), ...comment };
  });
}

/** The value of `config:` in Pulumi.yaml. */
export function projectConfig(): Record<string, unknown> {
  const entries = configTable().map(({ name, type, items, default: value, description }) => {
    const declaration = { type, ...(items && { items: { type: items } }), default: value, description };
    return [name, declaration] as const;
  });
  // Without it, a resource that forgets its provider would go to whatever cluster is current.
  return { "pulumi:disable-default-providers": { value: ["kubernetes"] }, ...Object.fromEntries(entries) };
}

function typed(name: ConfigKey): Pick<ConfigEntry, "type" | "items" | "default"> {
  const value = (defaults as Partial<Record<ConfigKey, unknown>>)[name] ?? (objects.includes(name) ? {} : "");
  if (Array.isArray(value))
    return { type: "array", items: listsOfObjects.includes(name) ? "object" : "string", default: value };
  // The CLI knows no fractions.
  if (typeof value === "number") {
    return Number.isInteger(value) ? { type: "integer", default: value } : { type: "string", default: String(value) };
  }
  return { type: typeof value as "string" | "boolean" | "object", default: value };
}

/** What the TSDoc says of the members of these interfaces of components/args, and of what they extend. */
export function argumentComments(...names: string[]): Map<string, Pick<ConfigEntry, "description" | "change">> {
  const interfaces = ["args.ts", "servingArgs.ts", "sharedArgs.ts"].flatMap((name) => {
    const file = path.join(root, "components", "args", name);
    return ts
      .createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true)
      .statements.filter(ts.isInterfaceDeclaration);
  });
  const arguments_ = [...names, "ServingArgs"];
  const members = interfaces
    .filter(({ name }) => arguments_.includes(name.text))
    .flatMap(({ members }) => [...members])
    .filter(ts.isPropertySignature);
  return new Map(
    members.map((member) => {
      const comment = ts.getJSDocCommentsAndTags(member).find(ts.isJSDoc);
      const change = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "change");
      const description = oneLine(ts.getTextOfJSDocComment(comment?.comment));
      return [member.name.getText(), { description, change: oneLine(ts.getTextOfJSDocComment(change?.comment)) }];
    }),
  );
}

function oneLine(text: string | undefined): string {
  return (text ?? "").replace(/\s+/g, " ").trim();
}

/** Pulumi.yaml with its `config:` section as it should be. */
export function renderProjectFile(): string {
  const project = parseDocument(readFileSync(path.join(root, projectFile), "utf8"));
  project.set("config", project.createNode(projectConfig(), { aliasDuplicateObjects: false }));
  return project.toString({ lineWidth: 120 });
}
