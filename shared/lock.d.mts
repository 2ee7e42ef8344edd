/** A process, so described that another one with the same pid is not mistaken for it. */
export interface Identity {
  pid: number;
  /** When it started, as the system writes it; empty when unknown. */
  start: string;
  host: string;
}
export function processStart(pid: number): string | undefined;
export function identity(pid?: number): Identity;
export function isAlive(holder: Identity): boolean;
export function readIdentity(file: string): Identity | undefined;
export function tryLock(file: string, note?: object): Identity | undefined;
export function withLock<T>(
  file: string,
  action: () => Promise<T> | T,
  onWait?: (holder: Identity) => void,
): Promise<T>;
export function unlock(file: string): void;
