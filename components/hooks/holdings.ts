/** What the components of one program make and use, so that none of them is deleted under another. */
import type * as pulumi from "@pulumi/pulumi";
import { refuse } from "../cluster/answers";
import type { ClusterConnection } from "../cluster/connection";
import { isSameCluster } from "../cluster/contexts";
import { thisProgram } from "../cluster/engine";
import type { ResolvedArgs } from "../args/resolve";

/** An object of a cluster that a component makes, or only relies on. */
export interface Holding {
  kind: "Namespace" | "Deployment" | "PersistentVolumeClaim";
  /** Unset for a Namespace. */
  namespace?: string;
  name: string;
  /** `keeps`: it makes the object, and it is not deleted with the component. `shares`: it makes the object for others. */
  how: "makes" | "keeps" | "shares" | "uses";
}

export interface Holder {
  type: string;
  name: string;
  parent: pulumi.Resource | undefined;
  connection: ClusterConnection;
  holdings: readonly Holding[];
}

/** What of a model's objects another component could delete, or be robbed of. */
export function holdingsOf(args: ResolvedArgs): Holding[] {
  const { namespace, claimName, names, createNamespace, keepNamespace, protectClaim, existingClaim } = args;
  const made = (isKept: boolean): Holding["how"] => (isKept ? "keeps" : "makes");
  return [
    { kind: "Namespace", name: namespace, how: createNamespace ? made(keepNamespace || protectClaim) : "uses" },
    // Stands for all that takes its name from the component's.
    { kind: "Deployment", namespace, name: names.deployment, how: "makes" },
    {
      kind: "PersistentVolumeClaim",
      namespace,
      name: claimName,
      how: existingClaim === undefined ? made(protectClaim) : "uses",
    },
  ];
}

const programs = new Map<unknown, readonly Holder[]>();

/** Adds a component to those of this program; a sentence for each object that it and another one would delete under each other. */
export function hold(holder: Holder): string[] {
  const program = thisProgram();
  const others = programs.get(program) ?? [];
  const found = others.flatMap((other) => quarrels(other, holder));
  if (found.length === 0) programs.set(program, [...others, holder]);
  else refuse();
  return found;
}

/** What two components of a program would delete under each other. */
export function quarrels(earlier: Holder, later: Holder): string[] {
  const { type, name, parent, connection } = later;
  // The same place in the program twice is the engine's to refuse: "Duplicate resource URN".
  if (earlier.type === type && earlier.name === name && earlier.parent === parent) return [];
  // How this machine reaches a cluster is no setting of the stack's.
  // eslint-disable-next-line no-restricted-properties
  if (!isSameCluster(earlier.connection, connection, process.env)) return [];
  return earlier.holdings.flatMap((its) => {
    const mine = later.holdings.find(
      (each) => each.kind === its.kind && each.namespace === its.namespace && each.name === its.name,
    );
    if (!mine || arePeaceful(its.how, mine.how)) return [];
    const [maker, other] = its.how === "uses" ? [later, earlier] : [earlier, later];
    return [sentence(its, maker.name, other.name, [its.how, mine.how])];
  });
}

function arePeaceful(...hows: readonly Holding["how"][]): boolean {
  if (hows.includes("uses")) return !hows.includes("makes");
  return hows.every((how) => how === "keeps");
}

function sentence({ kind, namespace, name }: Holding, maker: string, other: string, hows: Holding["how"][]): string {
  const object = `${kind} '${name}'${namespace === undefined ? "" : ` in namespace '${namespace}'`}`;
  const both = hows.includes("uses")
    ? `would be made by '${maker}', and '${other}' relies on it`
    : `would be made by two components of this program, '${maker}' and '${other}'`;
  return `${object} ${both}: taking one of them away would delete it under the other. ${wayOut(kind, name, maker, other, hows)}`;
}

function wayOut(kind: Holding["kind"], name: string, maker: string, other: string, hows: Holding["how"][]): string {
  if (kind === "PersistentVolumeClaim")
    return `Make the claim beside them and name it in \`existingClaim\` of both, or set \`protectClaim\` to true in '${maker}'.`;
  if (kind === "Deployment") return "Give one of them another name or another `namespace`.";
  if (hows.includes("shares")) return `Set \`createNamespace\` to false in every other than the SharedNamespace.`;
  const whole = hows.includes("uses") ? `in '${maker}'` : "in both";
  return (
    `Make it once, beside them: \`new SharedNamespace("${maker}", { cluster, namespace: "${name}" })\`, with \`createNamespace: false\` in '${maker}' and '${other}'. ` +
    `Where an \`up\` has made it twice already, first set \`keepNamespace: true\` ${whole} for one \`up\`, which is allowed too: nobody deletes it then.`
  );
}
