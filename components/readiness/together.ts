/**
 * The models of one program wait for each other before one that is doomed ends the `up`: the engine begins nothing more after a failed
 * operation, and takes no outputs.
 */
import { oncePerProgram } from "../cluster/engine";

type State =
  /** Its gate has not begun: its objects are being written, or need no write. */
  "pending" | "waiting" | "served" | "failed";

/** How long nothing may happen while no gate waits, in ms: then what is pending will not come, such as behind `--parallel 1`. */
const stillMs = 180_000;

/** What is known of the models of one program. */
export class Together {
  private readonly states = new Map<string, State>();
  private readonly last: (() => Promise<void>)[] = [];
  private ending: Promise<void> | undefined;
  private over = false;
  private changedAt = Date.now();

  /** What is to be done before `up` fails, with all that serves known. */
  beforeFailure(what: () => Promise<void>): void {
    this.last.push(what);
  }

  set(name: string, state: State): void {
    this.states.set(name, state);
    this.changedAt = Date.now();
  }

  serves(name: string): boolean {
    return this.states.get(name) === "served";
  }

  /** Another operation has failed: the engine begins nothing more, and nothing is to be waited for. */
  end(): void {
    this.over = true;
  }

  /** Whether any other model is neither up nor failed. */
  areOthersOpen(name: string): boolean {
    return [...this.states].some(([other, state]) => other !== name && state !== "served" && state !== "failed");
  }

  /** Resolves when a model that is doomed may end the `up`. */
  async failed(name: string, sleep: (ms: number) => Promise<void>): Promise<void> {
    this.set(name, "failed");
    while (!this.isSettled()) await sleep(250);
    if (this.over) return;
    await (this.ending ??= Promise.all(this.last.map((each) => each())).then(() => undefined));
  }

  private isSettled(): boolean {
    const states = [...this.states.values()];
    if (this.over || states.every((state) => state === "served" || state === "failed")) return true;
    return !states.includes("waiting") && Date.now() - this.changedAt > stillMs;
  }
}

const newTogether = (): Together => new Together();

/** The models of this program. */
export const together = (): Together => oncePerProgram(newTogether);
