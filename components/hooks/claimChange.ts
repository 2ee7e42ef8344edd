/** What the API server says of a change of a claim that it never allows, and what to do instead. */
const remedies: readonly [RegExp, string][] = [
  [
    /spec is immutable after creation/i,
    "The storage class of a claim cannot change in place, so the preview fails. Either set `storageClassName` back. Or lose the model and " +
      "download it again: `pulumi up --skip-preview` deletes the Deployment and the claim and makes both anew.",
  ],
  [/can not be less than/i, "A claim cannot shrink: set `pvcSize` to its present size or more."],
  [
    /storageclass that provisions the pvc must support resize/i,
    "The claim's storage class cannot grow volumes: set `pvcSize` back, or ask your cluster admin for `allowVolumeExpansion`.",
  ],
];

/** The way out of a refused change of the claim; undefined where that is not the matter. */
export function claimRemedy(errors: readonly string[]): string | undefined {
  return remedies.find(([pattern]) => errors.some((error) => pattern.test(error)))?.[1];
}
