/** An answer of an API server that is no success. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The word by which the server tells causes of one status apart, such as `AlreadyExists`; empty where it gives none. */
    readonly reason = "",
  ) {
    super(message);
  }

  get notFound(): boolean {
    return this.status === 404;
  }
  get forbidden(): boolean {
    return this.status === 403;
  }
  get alreadyExists(): boolean {
    return this.reason === "AlreadyExists";
  }
  get conflict(): boolean {
    return this.status === 409 && this.reason === "Conflict";
  }
}
