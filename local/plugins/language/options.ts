import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

/** `runtime.options` of a Pulumi.yaml. */
export interface RuntimeOptions {
  typescript: boolean;
  tsconfig: string | undefined;
  nodeArguments: string[];
  packageManager: string | undefined;
}

const supported = ["typescript", "tsconfig", "nodeargs", "packagemanager", "production"];

export function runtimeOptions(info: ProgramInfo | undefined): RuntimeOptions {
  const options: Record<string, unknown> = info?.getOptions()?.toJavaScript() ?? {};
  const unsupported = Object.keys(options).filter((key) => !supported.includes(key));
  if (unsupported.length > 0) {
    throw new Error(`'runtime.options' (${unsupported.join(", ")}) must be one of ${supported.join(", ")}`);
  }
  return {
    typescript: optional(options, "typescript", "boolean") ?? true,
    tsconfig: optional(options, "tsconfig", "string"),
    nodeArguments: splitArguments(optional(options, "nodeargs", "string") ?? ""),
    packageManager: optional(options, "packagemanager", "string"),
  };
}

interface Types {
  boolean: boolean;
  string: string;
}

function optional<T extends keyof Types>(options: Record<string, unknown>, key: string, type: T): Types[T] | undefined {
  const value = options[key];
  if (value === undefined || typeof value === type) return value as Types[T] | undefined;
  throw new Error(`'runtime.options.${key}' (${JSON.stringify(value)}) must be a ${type}`);
}

/** Splits a command line as a shell would: blanks separate, quotes and backslashes keep them. */
export function splitArguments(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === "\\" && quote !== "'") {
      word = (word ?? "") + line.charAt(++i);
    } else if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== undefined) throw new Error(`'runtime.options.nodeargs' (${line}) must close its quotes`);
  if (word !== undefined) words.push(word);
  return words;
}

/** The environment variables by which the SDK learns of these options. */
export function optionsEnvironment(options: RuntimeOptions): Record<string, string> {
  return {
    ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}
