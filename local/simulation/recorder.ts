import { createHash } from "node:crypto";
import type { V1Pod } from "@kubernetes/client-node";
import { ApiError } from "../../components/cluster/apiError";
import { type Api } from "./api";
import type { KubeletEvent } from "./events";

/** Writes events as a kubelet does: in order, and a repetition raises the count of the first. */
export class Recorder {
  private readonly counts = new Map<string, number>();
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly api: Api,
    private readonly log: (line: string) => void,
  ) {}

  record(pod: V1Pod, events: KubeletEvent[]): void {
    for (const event of events) {
      this.tail = this.tail.then(() =>
        this.write(pod, event).catch((error: unknown) => {
          // An event about a namespace that is being deleted is refused, here as on any cluster.
          this.log(`event ${event.reason}: ${error instanceof Error ? error.message : String(error)}`);
        }),
      );
    }
  }

  /** Forgets the counts of a pod that has gone. */
  forget(pod: V1Pod): void {
    for (const key of this.counts.keys()) if (key.startsWith(`${pod.metadata?.uid}/`)) this.counts.delete(key);
  }

  private async write(pod: V1Pod, event: KubeletEvent): Promise<void> {
    const { name, namespace = "", uid } = pod.metadata ?? {};
    const hash = createHash("sha256")
      .update(`${uid}${event.container}${event.reason}${event.message}`)
      .digest("hex")
      .slice(0, 16);
    const key = `${uid}/${hash}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    const path = `/api/v1/namespaces/${namespace}/events`;
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    if (count > 1) {
      try {
        await this.api.merge(`${path}/${name}.${hash}`, { count, lastTimestamp: now });
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error; // 404: its hour is over, a new one begins
      }
    }
    const { type, reason, message, container } = event;
    const source = { component: "kubelet", host: pod.spec?.nodeName };
    await this.api.create(path, {
      metadata: { name: `${name}.${hash}`, namespace },
      involvedObject: { apiVersion: "v1", kind: "Pod", name, namespace, uid, fieldPath: container },
      ...{ type, reason, message, count, source, reportingComponent: "kubelet", reportingInstance: pod.spec?.nodeName },
      firstTimestamp: now,
      lastTimestamp: now,
    });
  }
}
