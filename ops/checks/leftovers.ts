import { helperLabel } from "../helperPod";
import { type Check, type Checked, type CheckFinding, fine } from "./check";

/** What killed runs of these commands have left in the namespace. */
export const leftoverChecks: readonly Check[] = [
  { id: "leftovers", title: "helper pods", deployed: false, run: leftovers },
];

interface Pod {
  metadata: { name: string; creationTimestamp: string; labels?: Record<string, string> };
}

/** Older than any run of these commands lasts, in ms. */
const oldAfterMs = 30 * 60_000;

async function leftovers({ client, stack: { target } }: Checked): Promise<CheckFinding | CheckFinding[]> {
  const path = `/api/v1/namespaces/${target.namespace}/pods`;
  const list = (await client.get(path, { labelSelector: helperLabel }))?.body as { items: Pod[] } | undefined;
  const pods = list?.items ?? [];
  if (pods.length === 0) return fine("none");
  return pods.map(({ metadata: { name, creationTimestamp, labels = {} } }) => {
    const old = Date.now() - Date.parse(creationTimestamp) > oldAfterMs;
    return {
      severity: old ? "warning" : "note",
      evidence: `pod ${name} of \`ops ${labels[helperLabel] ?? "?"}\` since ${creationTimestamp}${old ? "" : ", which may be running now"}`,
      mend: `kubectl delete pod ${name} -n ${target.namespace}`,
      ...(old && {
        fix: async () => {
          await client.send("DELETE", `${path}/${name}`);
          return `deleted pod ${name}`;
        },
      }),
    };
  });
}
