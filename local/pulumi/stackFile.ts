/** What Pulumi's stack files are called and look like. Pure. */

/** The stacks that have a file among these, sorted. A stack's name may have dots. */
export function stackNames(files: readonly string[]): string[] {
  return files.flatMap((file) => /^Pulumi\.([\w.-]+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

/** As `pulumi config set --secret` writes it. */
export function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
