/** What Pulumi's stack files are called and look like. Pure. */

/** The stacks that have a file among these, sorted. A stack's name may have dots. */
export function stackNames(files: readonly string[]): string[] {
  return files.flatMap((file) => /^Pulumi\.([\w.-]+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

/** What Pulumi cannot read in the content of a stack's file, which is nothing where the file is empty. */
export function formFault(content: unknown): string | undefined {
  if (content === null) return undefined;
  if (!isMap(content)) return "it must be keys and their values";
  const { config = null } = content;
  return config === null || isMap(config) ? undefined : "'config' must be keys and their values";
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As `pulumi config set --secret` writes it. */
export function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
