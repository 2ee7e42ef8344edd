import type * as pulumi from "@pulumi/pulumi";
import { decisiveHook } from "../components/hooks/ending";
import { takesInlineSystem } from "./anthropic";
import { proveInlineSystem, proveToolCall } from "./toolCall";
import { type Registration, refOf } from "./registration";
import { calledName } from "./registrations";
import type { ReadModel } from "./stacks";

interface Proofs {
  readonly toolCall: typeof proveToolCall;
  readonly inlineSystem: typeof proveInlineSystem;
}

/** What whatever offers the models is made from, whether it is LiteLLM or entries in one. */
export interface GatedModels {
  registrations: readonly Registration[];
  /** API keys of the models by what tells them apart (`refOf`); secret. */
  modelKeys: Record<string, pulumi.Input<string>>;
  gate: Gate;
}

/**
 * Lets aliases be written only for models that answer a tool call now. Each model is asked once per `up`, and not at all when nothing
 * is written: hooks run with the operation that they belong to, never at preview.
 */
export class Gate {
  private readonly proofs = new Map<string, Promise<void>>();

  constructor(
    private readonly models: readonly ReadModel[],
    private readonly timeoutSeconds: number,
    private readonly prove: Proofs = { toolCall: proveToolCall, inlineSystem: proveInlineSystem },
  ) {}

  /** A hook that fails the operation unless every one of these models has answered. */
  hook(name: string, refs: readonly string[]): pulumi.ResourceHook {
    return decisiveHook(name, () => this.pass(refs));
  }

  /** Throws with every model that did not answer. */
  async pass(refs: readonly string[]): Promise<void> {
    const results = await Promise.allSettled(refs.map((ref) => this.proof(ref)));
    const failures = results.flatMap((result) => (result.status === "rejected" ? [messageOf(result.reason)] : []));
    if (failures.length > 0) throw new Error(`${failures.join("; ")}. The aliases stay as they were.`);
  }

  private proof(ref: string): Promise<void> {
    let proof = this.proofs.get(ref);
    if (!proof) {
      proof = this.ask(ref);
      this.proofs.set(ref, proof);
    }
    return proof;
  }

  private async ask(ref: string): Promise<void> {
    const model = this.models.find((each) => refOf(each) === ref);
    if (!model) throw new Error(`no model ${ref} is known`);
    const name = calledName(model.servedModelNames);
    const signal = AbortSignal.timeout(this.timeoutSeconds * 1000);
    const target = { url: model.gateUrl, apiKey: model.apiKey, model: name, signal };
    await this.prove.toolCall(target).catch((error: unknown) => {
      throw new Error(`The model ${name} of ${ref} answers no tool call: ${messageOf(error)}`, { cause: error });
    });
    if (!takesInlineSystem(model)) return;
    // Claude Code is then told nothing that keeps it from sending this.
    await this.prove.inlineSystem(target).catch((error: unknown) => {
      const mend = `see that its image is of line ${model.imageLine}, or correct imageLine`;
      throw new Error(`The model ${name} of ${ref} refuses what Claude Code sends: ${messageOf(error)}; ${mend}`, {
        cause: error,
      });
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
