export function loopbackWithoutProxy(env: NodeJS.ProcessEnv): Record<string, string>;
