import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import type { Api } from "./api";

/** What happened to an object; `before` is missing when it is new, `now` when it is gone. */
export type Listener<T> = (now: T | undefined, before: T | undefined) => void;

/** The objects of one collection, kept up to date by a watch that outlives restarts of the API server. */
export class Watched<T extends KubernetesObject> {
  /** By `<namespace>/<name>`. */
  readonly items = new Map<string, T>();
  /** False until the first list has been read: what it brings is the past, not news. */
  synced = false;
  private lastError: string | undefined;

  constructor(
    private readonly api: Api,
    private readonly path: string,
    private readonly listener: Listener<T>,
    private readonly log: (line: string) => void,
  ) {}

  get(namespace: string, name: string): T | undefined {
    return this.items.get(`${namespace}/${name}`);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { metadata, items } = await this.api.list<T>(this.path);
        this.replace(items);
        this.lastError = undefined;
        const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${metadata.resourceVersion}`;
        await this.api.watch(`${this.path}?${query}`, (line) => this.handle(line), signal);
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== this.lastError) this.log(`watching ${this.path} again: ${reason}`);
        this.lastError = reason;
        await sleep(500, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
      }
    }
  }

  private replace(items: T[]): void {
    const present = new Set(items.map(keyOf));
    for (const [key, object] of this.items) if (!present.has(key)) this.put(key, undefined, object);
    for (const object of items) this.put(keyOf(object), object, this.items.get(keyOf(object)));
    this.synced = true;
  }

  private handle(line: string): void {
    if (line === "") return;
    const { type, object } = JSON.parse(line) as { type: string; object: T };
    if (type === "BOOKMARK") return;
    if (type === "ERROR") throw new Error(JSON.stringify(object));
    const key = keyOf(object);
    this.put(key, type === "DELETED" ? undefined : object, this.items.get(key));
  }

  private put(key: string, now: T | undefined, before: T | undefined): void {
    if (now === undefined) this.items.delete(key);
    else this.items.set(key, now);
    this.listener(now, before);
  }
}

/** Objects by `<namespace>/<name>`. */
export function byKey<T extends KubernetesObject>(objects: T[]): Map<string, T> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}

/**
 * A function that runs `work` soon, never twice at once, and again if it was called meanwhile. A failure is logged and
 * tried again a second later: the next change may never come.
 */
export function coalesce(what: string, work: () => Promise<void>, log: (line: string) => void): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      try {
        await work();
      } catch (error) {
        log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        await sleep(1000, undefined, { ref: false });
        again = true;
      }
    } while (again);
    running = false;
  };
  return () => {
    again = true;
    if (!running) void run();
  };
}
