/** The names of policies in the pack's configuration. The engine takes any name, and what is misspelt there changes nothing. */
import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { closestTo } from "../../components/text/closest";

let names: readonly string[] = [];
let toldOn: string | undefined;

/** What the configuration names, as the engine has sent it last. */
export function rememberNames(given: readonly string[]): void {
  names = given;
  toldOn = undefined;
}

/** A sentence for each name that no policy has; on the first resource that asks, and on no other. */
export function misspeltNames(policies: readonly string[], urn: string): string[] {
  toldOn ??= urn;
  return toldOn === urn ? names.filter((name) => name !== "all" && !policies.includes(name)).map(sentence) : [];

  function sentence(name: string): string {
    const near = closestTo(name, policies);
    const guess = near === undefined ? "" : ` Did you mean '${near}'?`;
    return `The policy pack's configuration: '${name}' must be the name of a policy; correct it, or remove it.${guess}`;
  }
}

/**
 * Reads along what the engine sends: @pulumi/policy (1.21.0) gives each policy its own settings and shows no policy the rest.
 * The engine adds every policy of the pack and leaves `all` in.
 * https://github.com/pulumi/pulumi/blob/v3.270.0/pkg/resource/analyzer/config.go
 */
export function watchConfiguration(): void {
  const { configure } = AnalyzerService as unknown as { configure: Configure };
  const original = configure.requestDeserialize;
  configure.requestDeserialize = (bytes) => {
    const request = original(bytes);
    rememberNames([...request.getPolicyconfigMap().keys()]);
    return request;
  };
}

interface Configure {
  requestDeserialize: (bytes: Uint8Array) => ConfigureAnalyzerRequest;
}
