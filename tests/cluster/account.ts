/** Other users than the cluster's admin, and clusters that are away: contexts in a kubeconfig of a test's own. */
import { copyFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import type { TestStack } from "../../harness/stack";

export class OwnKubeconfig {
  private constructor(
    readonly file: string,
    private readonly stack: TestStack,
    private readonly cluster: string,
  ) {}

  /** In the stack's folder, so that it goes with it. */
  static async create(stack: TestStack): Promise<OwnKubeconfig> {
    const file = path.join(stack.directory, "own-kubeconfig");
    copyFileSync(stack.cluster.kubeconfig, file);
    const view = ["config", "view", "-o", "jsonpath={.contexts[0].context.cluster}"];
    const { stdout } = await execa("kubectl", ["--kubeconfig", file, ...view], { env: stack.env });
    return new OwnKubeconfig(file, stack, stdout);
  }

  /** A context of a new ServiceAccount of the stack's namespace, which may do nothing yet. */
  async addAccount(name: string): Promise<void> {
    const { cluster, namespace } = this.stack;
    await cluster.kubectl("-n", namespace, "create", "serviceaccount", name);
    const token = await cluster.kubectl("-n", namespace, "create", "token", name);
    await this.config("set-credentials", name, `--token=${token}`);
    await this.config("set-context", name, `--cluster=${this.cluster}`, `--user=${name}`);
  }

  /** A context of a cluster at another address, as one of the accounts. */
  async addCluster(name: string, server: string, account: string): Promise<void> {
    await this.config("set-cluster", name, `--server=${server}`, "--insecure-skip-tls-verify=true");
    await this.config("set-context", name, `--cluster=${name}`, `--user=${account}`);
  }

  /** Has the stack's next commands use that context. */
  use(context: string): void {
    this.stack.configure({ kubeconfig: this.file, kubeContext: context });
  }

  /** Has them use the admin's again. */
  leave(): void {
    this.stack.configure({ kubeconfig: this.stack.cluster.kubeconfig, kubeContext: this.stack.cluster.context });
  }

  private async config(...args: string[]): Promise<void> {
    await execa("kubectl", ["--kubeconfig", this.file, "config", ...args], { env: this.stack.env });
  }
}
