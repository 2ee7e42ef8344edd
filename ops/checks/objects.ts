import { ownerAnnotation } from "../../components/manifests/labels";
import { type Difference, differences, wantedObjects } from "../stack/differences";
import type { StateResource } from "../stack/state";
import { type Checked, type CheckFinding, fine } from "./check";

const severities = { missing: "error", foreign: "error", unreadable: "note", differs: "warning" } as const;

/** Whether every object of the stack is there, its own, and as it wants it. */
export async function objects(context: Checked): Promise<CheckFinding | CheckFinding[]> {
  const { client, stack } = context;
  const wanted = wantedObjects(stack.args);
  const found = await differences(client, wanted, `${stack.project}/${stack.name}`);
  if (found.length === 0) return fine(`${wanted.length} objects, no difference`);
  return grouped(found, (difference) => wayOut(difference, context)).map((group) => {
    const { problem, names, details } = group;
    const more = details.length > 4 ? `; and ${details.length - 4} more` : "";
    return {
      severity: severities[problem],
      evidence: `${names.map(({ kind, name }) => `${kind} ${name}`).join(", ")}: ${details.slice(0, 4).join("; ")}${more}`,
      ...mendOf(group, context),
    };
  });
}

/** Without a refresh `up` does not see what others have changed; the first one after an import writes every object anyway. */
export function upCommand({ stack, state }: Pick<Checked, "stack" | "state">): string {
  const imported = resourcesOf(state).some((resource) => isImported(known(resource)));
  return `pulumi up ${imported ? "" : "--refresh "}--stack ${stack.name}`;
}

function resourcesOf(state: Checked["state"]): StateResource[] {
  return "missing" in state ? [] : state.resources;
}

/** The object of a resource, as `up` or an import has last written it into the state. */
interface Known {
  kind?: unknown;
  name?: string;
  annotations?: Record<string, string>;
}

function known({ inputs }: StateResource): Known | undefined {
  const { kind, metadata } = (inputs ?? {}) as { kind?: unknown; metadata?: Omit<Known, "kind"> };
  return metadata && { kind, ...metadata };
}

/** Every object that `up` has written says whose it is. */
function isImported(object: Known | undefined): boolean {
  return object !== undefined && object.annotations?.[ownerAnnotation] === undefined;
}

type Way = "read" | "up" | "first up" | "import" | "adopt" | "take back" | "make room";

function wayOut({ kind, name, problem, holder }: Difference, { state }: Checked): Way {
  if (problem === "unreadable") return "read";
  if (problem !== "foreign") return "up";
  const all = resourcesOf(state);
  const own = all.map(known).find((object) => object?.kind === kind && object.name === name);
  if (holder !== undefined) return own ? "take back" : "make room";
  if (own) return isImported(own) ? "first up" : "up";
  return all.some(({ urn }) => urn.endsWith("::vllm-deployment")) ? "adopt" : "import";
}

function mendOf({ way, names, holder }: Group, context: Checked): Pick<CheckFinding, "mend" | "remedy"> {
  const { name, target } = context.stack;
  const up = upCommand(context);
  const adopt = `pulumi config set adoptExisting true --stack ${name}`;
  switch (way) {
    case "read":
      return {
        mend: `oc adm policy add-role-to-user view <you> -n ${target.namespace}   # by an admin of the namespace; Secrets take edit, Roles admin`,
      };
    case "up":
      return { mend: up };
    case "first up":
      return {
        mend: `${up}   # they are in the stack's state: the first \`up\` after an import makes them its own`,
      };
    case "import":
      return { mend: `npm run ops -- import --stack ${name}   # takes a deployment of the old script over` };
    case "adopt":
      return { mend: `${adopt} && ${up}   # takes over what somebody else has made` };
    case "take back":
      return { mend: `${up}   # once the stack '${holder ?? ""}' has let go of it: two stacks must not share it` };
    case "make room": {
      const them = names.map(({ kind, name: object }) => `${kind.toLowerCase()}/${object}`).join(" ");
      return {
        mend: `pulumi config set namespace <another> --stack ${name}`,
        remedy:
          `to move it on purpose, first take it out of the stack '${holder ?? ""}', then run ` +
          `\`kubectl annotate ${them} -n ${target.namespace} ${ownerAnnotation}-\` and \`${adopt}\``,
      };
    }
  }
}

interface Group extends Pick<Difference, "problem" | "holder"> {
  names: Pick<Difference, "kind" | "name">[];
  details: string[];
  way: Way;
}

/** One group for each object with all its differences; objects that have the same ones, and the same way out, share a group. */
function grouped(found: readonly Difference[], wayOf: (difference: Difference) => Way): Group[] {
  const objects = new Map<string, Group>();
  for (const difference of found) {
    const { kind, name, detail } = difference;
    const object = objects.get(`${kind} ${name}`);
    if (object) object.details.push(detail);
    else
      objects.set(`${kind} ${name}`, {
        ...difference,
        names: [{ kind, name }],
        details: [detail],
        way: wayOf(difference),
      });
  }
  const groups: Group[] = [];
  for (const object of objects.values()) {
    const same = groups.find(
      ({ details, way }) => way === object.way && details.join("\n") === object.details.join("\n"),
    );
    if (same) same.names.push(...object.names);
    else groups.push(object);
  }
  return groups;
}
