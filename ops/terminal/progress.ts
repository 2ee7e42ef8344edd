import { tell } from "../../shared/terminal";

/** Shows what is going on, on standard error: one line that changes on a terminal, else a line for each change. */
export interface Progress {
  say: (text: string) => void;
  /** Leaves the terminal as it was. */
  end: () => void;
}

export function progress(): Progress {
  const { stderr } = process;
  const began = Date.now();
  let text = "";
  const draw = (): void => {
    const seconds = Math.round((Date.now() - began) / 1000);
    stderr.write(`\r\x1b[K${`${text} … ${seconds} s`.slice(0, (stderr.columns ?? 80) - 1)}`);
  };
  if (!stderr.isTTY) return { say: tell, end: () => undefined };
  const timer = setInterval(() => text !== "" && draw(), 1000);
  timer.unref();
  return {
    say: (line) => {
      text = line;
      draw();
    },
    end: () => {
      clearInterval(timer);
      stderr.write("\r\x1b[K");
    },
  };
}
