import { randomBytes } from "node:crypto";
import type { KubeConfig } from "@kubernetes/client-node";
import { causeText } from "../../../components/cluster/trouble";
import { useProxy } from "../../../components/cluster/proxy";
import type { Engine } from "../shared/engine";
import type { ValueMap } from "../shared/wire";
import { Client } from "./client";
import { annotation } from "./object";
import { ContextError, loadKubeConfig, type Settings } from "./settings";

const parsing = "failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- ";

export type Connection = { client: Client } | { unreachable: string };

/** What the operations of one configured provider share. The cluster is contacted when the first of them needs it. */
export class Session {
  private readonly cancellation = new AbortController();
  private connection: Promise<Connection> | undefined;

  constructor(
    readonly settings: Settings,
    readonly engine: Engine,
  ) {}

  get cancelled(): AbortSignal {
    return this.cancellation.signal;
  }

  cancel(): void {
    this.cancellation.abort();
  }

  connect(): Promise<Connection> {
    this.connection ??= this.open();
    return this.connection;
  }

  /** A new object will be created next, after the program's own hooks: their time is enough to load the client and reach the cluster. */
  connectSoon(): void {
    // Not at once: loading blocks the answer under way.
    if (this.connection === undefined) setTimeout(() => void this.connect(), 5);
  }

  private async open(): Promise<Connection> {
    let config: KubeConfig;
    try {
      config = await loadKubeConfig(this.settings);
    } catch (error) {
      return { unreachable: error instanceof ContextError ? error.message : `${parsing}${causeText(error)}` };
    }
    try {
      // As the official provider's client does, where the kubeconfig names no proxy of its own.
      useProxy(config, process.env);
      const client = new Client(config, await import("@kubernetes/client-node"));
      await client.probe();
      return { client };
    } catch (error) {
      return { unreachable: `unable to load schema information from the API server: ${causeText(error)}` };
    }
  }

  /** The client, for operations that cannot do without. */
  async client(): Promise<Client> {
    const connection = await this.connect();
    if ("client" in connection) return connection.client;
    throw new Error(`configured Kubernetes cluster is unreachable: ${connection.unreachable}`);
  }

  /** The namespace of objects that name none, as the Provider or the kubeconfig's context says. */
  async defaultNamespace(): Promise<string | undefined> {
    if (this.settings.namespace !== undefined) return this.settings.namespace;
    try {
      const config = await loadKubeConfig(this.settings);
      return config.getContextObject(config.getCurrentContext())?.namespace;
    } catch {
      // A kubeconfig that cannot be read shows as an unreachable cluster, in the operation that needs one.
      return undefined;
    }
  }
}

/** The field manager that an object's fields belong to: as annotated, else as remembered in state, else a random one. */
export function fieldManagerOf(remembered: string | undefined, inputs: ValueMap): string {
  const annotated = annotation(inputs, "pulumi.com/patchFieldManager");
  return annotated || (remembered ?? `pulumi-kubernetes-${randomBytes(4).toString("hex")}`);
}

/** Seconds that an operation may wait: its customTimeouts, else the annotation, else ten minutes. */
export function timeoutSeconds(requested: number, inputs: ValueMap): number {
  if (requested > 0) return requested;
  const annotated = Number(annotation(inputs, "pulumi.com/timeoutSeconds"));
  return annotated > 0 ? annotated : 600;
}
