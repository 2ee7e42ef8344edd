/** What `pulumi preview --json` tells, as far as the import looks at it. */
interface Digest {
  steps?: {
    op: string;
    urn: string;
    oldState?: { id?: string };
    replaceReasons?: string[] | null;
    detailedDiff?: Record<string, { kind: string }> | null;
  }[];
}

/** Every step of the next `up` after which an object, or what it held, is gone; one sentence each. */
export function losses(json: string): string[] {
  const { steps = [] } = JSON.parse(json) as Digest;
  return steps.flatMap(({ op, urn, oldState, replaceReasons, detailedDiff }) => {
    const kind = urn.split("::")[2]?.split(":").at(-1) ?? "resource";
    const name = oldState?.id?.split("/").at(-1) ?? urn.split("::").at(-1) ?? urn;
    // The engine names no reason for what the program wants replaced (`replaceOnChanges`), only what differs.
    const reasons = replaceReasons?.length ? replaceReasons : Object.keys(detailedDiff ?? {});
    // A replacement also shows as `create-replacement` and `delete-replaced`.
    if (op === "replace") return [`${kind} ${name} would be replaced${because(reasons)}`];
    return op === "delete" || op === "discard" ? [`${kind} ${name} would be deleted`] : [];
  });
}

function because(fields: readonly string[]): string {
  return fields.length > 0 ? `, because it differs in ${fields.join(", ")}` : "";
}
