/** How a command ends, for scripts. */
export const exitCodes = {
  fine: 0,
  trouble: 1,
  usage: 2,
  nothingDeployed: 3,
  unreachable: 4,
  forbidden: 5,
  busy: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Shown under every `--help`. */
export const exitCodesHelp = `
Exit codes:
    0  all is well
    1  it is not: a check has failed, the model does not serve, a command did not succeed
    2  the command line or the stack's configuration is wrong
    3  nothing is deployed
    4  the cluster does not answer
    5  a right is missing
    6  somebody else is at work
  130  stopped with Ctrl-C`;

/** Something the operator reads as it is, without a stack. */
export class OpsError extends Error {
  override readonly name = "OpsError";
  constructor(
    message: string,
    readonly exitCode: ExitCode = exitCodes.trouble,
  ) {
    super(message);
  }
}
