import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** A package of node_modules. */
export interface InstalledPackage {
  name: string;
  version: string;
  /** Name, version and download server of the resource plugin that the package needs. */
  plugin: { name: string; version: string; server: string } | undefined;
}

interface PackageJson {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

/** Every package under `directory`/node_modules, however deep. */
export async function installedPackages(directory: string): Promise<InstalledPackage[]> {
  const root = join(directory, "node_modules");
  const entries = await folders(root);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const scoped = entry.startsWith("@") ? await folders(join(root, entry)) : [""];
      const packages = await Promise.all(scoped.map((name) => installedPackage(join(root, entry, name))));
      return packages.flat();
    }),
  );
  return found.flat();
}

async function installedPackage(directory: string): Promise<InstalledPackage[]> {
  const [content, nested] = await Promise.all([readPackageJson(directory), installedPackages(directory)]);
  if (content?.name === undefined || content.version === undefined) return nested;
  return [{ name: content.name, version: content.version, plugin: pluginOf(content) }, ...nested];
}

function pluginOf({ name, version, pulumi }: PackageJson): InstalledPackage["plugin"] {
  if (pulumi?.resource !== true) return undefined;
  const plugin = pulumi.name ?? (name?.startsWith("@pulumi/") === true ? name.slice("@pulumi/".length) : undefined);
  if (plugin === undefined) throw new Error(`package ${name ?? "?"} must name its plugin: 'pulumi.name' is missing`);
  const pluginVersion = pulumi.version ?? version ?? "";
  return { name: plugin, version: `v${pluginVersion.replace(/^v/, "")}`, server: pulumi.server ?? "" };
}

/** The dependencies that the program's package.json names, with the versions installed. */
export async function directDependencies(directory: string): Promise<{ name: string; version: string }[]> {
  const content = await readPackageJson(directory);
  const names = Object.keys({ ...content?.dependencies, ...content?.devDependencies });
  const installed = await Promise.all(names.map((name) => readPackageJson(join(directory, "node_modules", name))));
  return names.map((name, index) => ({ name, version: installed[index]?.version ?? "" }));
}

async function readPackageJson(directory: string): Promise<PackageJson | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as PackageJson;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function folders(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const kept = await Promise.all(
      entries.map(async (entry) => {
        if (entry.name.startsWith(".")) return false;
        if (!entry.isSymbolicLink()) return entry.isDirectory();
        return (await stat(join(directory, entry.name))).isDirectory();
      }),
    );
    return entries.filter((_, index) => kept[index]).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
