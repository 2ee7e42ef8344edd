export function nearestExisting(path: string): string;
export function unwritable(path: string, code: string | undefined, elsewhere?: string): string;
export function spaceProblem(folder: string, neededMiB: number, what: string, elsewhere: string): string | undefined;
export function systemTrouble(error: unknown, elsewhere?: string): string | undefined;
