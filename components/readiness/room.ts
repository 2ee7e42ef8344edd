/** Whether the GPUs of the nodes are enough for all models of a stack together. Pure. */

/** A node as the pod of one model sees it, with what others hold of its GPUs. */
export interface Seat {
  node: string;
  /** GPUs of the kind that the model asks for, held or not. */
  gpus: number;
}

/** What a model asks for, and which nodes would take its pod. */
export interface Wish {
  name: string;
  gpus: number;
  /** Such as `nvidia.com/gpu`. */
  resource: string;
  seats: readonly Seat[];
  /** Where its pod runs now with as many GPUs, if it does: there it stays, or comes back to. */
  runsOn?: string;
}

/** GPUs that are held by a pod of nobody among the models. */
export interface Held {
  node: string;
  resource: string;
  gpus: number;
  /** `<namespace>/<pod>` */
  holder: string;
  /** Whether it is a pod of a model that is about to go. */
  leaves?: boolean;
}

/** A model of this stack that runs and that the program has no more: it holds its GPUs until the end of the `up`. */
export interface Leaving {
  name: string;
  /** How long its last start took, in seconds, where its pod tells. */
  startSeconds?: number;
}

export interface Room {
  wishes: readonly Wish[];
  held: readonly Held[];
  leaving: readonly Leaving[];
  /** How long the last starts of those that run took, in seconds, by name. */
  startSeconds: Readonly<Record<string, number>>;
  /** Whether nodes are added on demand; undefined where that may not be seen. */
  scaling?: boolean;
}

/** What is to be said before an `up` whose models have no room together; undefined where they have, or where it cannot be known. */
export function roomText(room: Room): string | undefined {
  const kinds = [...new Set(seatedOf(room).map(({ resource }) => resource))];
  // A node's GPUs of one kind are no room for another.
  const lacking = kinds.flatMap((resource) => {
    const held = room.held.filter((each) => each.resource === resource);
    const one = { ...room, held, wishes: room.wishes.filter((each) => each.resource === resource) };
    const seated = seatedOf(one);
    const isLacking =
      seated.length + (held.some(({ leaves }) => leaves === true) ? room.leaving.length : 0) >= 2 &&
      placed(seated, held) === false;
    return isLacking ? [lackText(one, kinds.length > 1 ? ` (${resource})` : "")] : [];
  });
  return lacking.length === 0 ? undefined : lacking.join(" ");
}

function lackText(room: Room, kind: string): string {
  const seated = seatedOf(room);
  const asked = seated.map(({ name, gpus }) => `${name} ${gpus}`).join(", ");
  const total = seated.reduce((sum, { gpus }) => sum + gpus, 0);
  return [
    `The models ask for ${total} GPUs${kind} together (${asked}), and there is no room for all of them at once on ${seatsText(seated)}${heldText(room.held)}.`,
    room.scaling === true
      ? "Something in the cluster adds nodes on demand: `up` waits for it."
      : "One of them would find no node, and `up` would fail for it.",
    switchText(room),
  ].join(" ");
}

/** Of one model the gate tells all; a model that no node takes at all is told by it, too, with the node's taint or label. */
function seatedOf({ wishes }: Room): Wish[] {
  return wishes.filter(({ gpus, seats }) => gpus > 0 && seats.length > 0);
}

function switchText(room: Room): string {
  const { held, leaving, startSeconds } = room;
  const last = leaving.flatMap(({ name, startSeconds: seconds }) =>
    seconds === undefined ? [] : [[name, seconds] as const],
  );
  const known = last.length > 0 ? last : Object.entries(startSeconds);
  const took = known.map(([name, seconds]) => `${name} ${duration(seconds)}`).join(", ");
  const start = took === "" ? "" : ` The last start took: ${took}.`;
  const rest = held.filter(({ leaves }) => leaves !== true);
  if (leaving.length === 0 || placed(seatedOf(room), rest) === false)
    return `To put one in the place of another is an outage: take that one away with an \`up\` of its own first.${start}`;
  const names = leaving.map(({ name }) => name).join(", ");
  return `${names} ${leaving.length === 1 ? "holds its" : "hold their"} GPUs until the end of this \`up\`, so the switch is an outage: first an \`up\` without ${names}, then one with the new.${start}`;
}

function seatsText(wishes: readonly Wish[]): string {
  const all = new Map(wishes.flatMap(({ seats }) => seats).map(({ node, gpus }) => [node, gpus]));
  const shown = [...all].slice(0, 5).map(([node, gpus]) => `${node} (${gpus})`);
  return [...shown, ...(all.size > 5 ? [`${all.size - 5} more nodes`] : [])].join(", ");
}

function heldText(held: readonly Held[]): string {
  if (held.length === 0) return "";
  const shown = held.slice(0, 5).map(({ holder, gpus }) => `${holder} ${gpus}`);
  return `, of which others hold some (${[...shown, ...(held.length > 5 ? [`${held.length - 5} more`] : [])].join(", ")})`;
}

export function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** Steps after which it is not known. */
const patience = 20_000;

/** Whether every model finds a node at once; undefined where the search would take too long. */
export function placed(wishes: readonly Wish[], held: readonly Held[]): boolean | undefined {
  const key = (node: string, resource: string): string => `${resource} ${node}`;
  const free = new Map<string, number>();
  for (const { resource, seats } of wishes) for (const { node, gpus } of seats) free.set(key(node, resource), gpus);
  const take = (node: string, resource: string, gpus: number): void => {
    const at = key(node, resource);
    free.set(at, (free.get(at) ?? 0) - gpus);
  };
  for (const { node, resource, gpus } of held) take(node, resource, gpus);
  for (const { runsOn, resource, gpus } of wishes) if (runsOn !== undefined) take(runsOn, resource, gpus);
  const waiting = wishes.filter(({ runsOn }) => runsOn === undefined).toSorted((a, b) => b.gpus - a.gpus);
  let steps = 0;
  const search = (index: number): boolean | undefined => {
    const wish = waiting[index];
    if (!wish) return true;
    if (++steps > patience) return undefined;
    let unknown = false;
    for (const { node } of wish.seats) {
      if ((free.get(key(node, wish.resource)) ?? 0) < wish.gpus) continue;
      take(node, wish.resource, wish.gpus);
      const found = search(index + 1);
      if (found === true) return true;
      unknown ||= found === undefined;
      take(node, wish.resource, -wish.gpus);
    }
    return unknown ? undefined : false;
  };
  return search(0);
}
