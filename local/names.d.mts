export function withRouteNames(
  stateDir: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): { command: [string, ...string[]]; env: NodeJS.ProcessEnv };
