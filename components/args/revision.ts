/** A commit, a tag or a branch. */
export function isRevision(text: string): boolean {
  return /^[A-Za-z0-9][-A-Za-z0-9_./]*$/.test(text);
}

/** What cannot be moved. */
export function isCommit(text: string | undefined): boolean {
  return text !== undefined && /^[0-9a-f]{40}$/.test(text);
}
