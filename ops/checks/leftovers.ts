import { ApiError } from "../../components/cluster/apiError";
import { helperLabel, isLeftover, type LiveHelper } from "../helper/pod";
import { type Check, type Checked, type CheckFinding, fine } from "./check";

/** What killed runs of these commands have left in the namespace. */
export const leftoverChecks: readonly Check[] = [
  { id: "leftovers", title: "helper pods", deployed: false, run: leftovers },
];

async function leftovers({ client, stack: { target } }: Checked): Promise<CheckFinding | CheckFinding[]> {
  const path = `/api/v1/namespaces/${target.namespace}/pods`;
  const list = (await client.get(path, { labelSelector: helperLabel }))?.body as { items: LiveHelper[] } | undefined;
  const pods = list?.items ?? [];
  if (pods.length === 0) return fine("none");
  return pods.map((pod) => {
    const { name, creationTimestamp, labels = {} } = pod.metadata;
    const left = isLeftover(pod);
    return {
      severity: left ? "warning" : "note",
      evidence: `pod ${name} of \`ops ${labels[helperLabel] ?? "?"}\` since ${creationTimestamp}${left ? ", which a killed run has left" : ", which may be running now"}`,
      mend: `kubectl delete pod ${name} -n ${target.namespace}`,
      ...(left && {
        fix: async () => {
          try {
            await client.send("DELETE", `${path}/${name}`);
          } catch (error) {
            // Its command, or somebody else, has removed it meanwhile.
            if (!(error instanceof ApiError && error.status === 404)) throw error;
          }
          return `deleted pod ${name}`;
        },
      }),
    };
  });
}
