import { tell } from "../shared/terminal";

/** What a command is doing: on standard error, so that standard output holds only what was asked for. */
export function log(line: string): void {
  tell(line);
}
