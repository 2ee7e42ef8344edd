export function isAtLeast(version: string, wanted: string): boolean;
export function nodeVersions(folder?: string): { oldest: string; pinned: string };
export function dependencyStamp(folder: string, nodeVersion: string): string;
export function isInstalled(folder: string, stamp: string): boolean;
export function isInstalledByNpm(folder: string): boolean;
export function npmComplaint(output: string): string;
export function installDependencies(folder: string, stamp: string, env: NodeJS.ProcessEnv): Promise<void>;
