/** A text as one word of a POSIX shell: between single quotes nothing but a single quote is special. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
