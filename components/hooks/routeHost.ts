/** The way out where the API server generates no host, unlike OpenShift's; undefined where that is not the matter. */
export function routeHostRemedy(errors: readonly string[]): string | undefined {
  // A wait that was cancelled, or lost its connection, ends with another sentence of the provider's.
  if (!errors.some((error) => /timed out waiting/i.test(error))) return undefined;
  return "This cluster generates no host for a Route: set one with `pulumi config set routeHost <host>`, or do without: `pulumi config set routeEnabled false`.";
}
