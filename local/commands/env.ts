import { existsSync } from "node:fs";
import { forShell } from "../../shared/commandLine";
import { quoted } from "../../components/text/shell";
import { clusterLayout } from "../cluster";
import { UserError } from "../../shared/errors";
import { defaultStateDir } from "../paths";
import { binDirs, pulumiEnvironment } from "../pulumi/environment";

const exported = /^(KUBECONFIG|KUBECACHEDIR|PULUMI_.*|no_(grpc_)?proxy|NO_PROXY)$/;

/** Lines that a POSIX shell evaluates; anything else goes to standard error. */
export const env = (): Promise<number> => forShell(printExports);

async function printExports(): Promise<number> {
  const { kubeconfig } = clusterLayout(defaultStateDir);
  if (!existsSync(kubeconfig)) throw new UserError("There is no cluster yet. Run `npm run local` first.");
  const environment = await pulumiEnvironment({ stateDir: defaultStateDir, kubeconfig });
  for (const [name, value] of Object.entries(environment)) {
    if (exported.test(name)) console.log(value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`);
  }
  // The shell's own PATH, not this process's, to which npm has added folders.
  console.log(`export PATH=${binDirs(defaultStateDir).map(quoted).join(":")}:"$PATH"`);
  return 0;
}
