/** What a node could leave on the machine, to be compared before and after. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { runningProcesses } from "../../shared/processes";

const sysctls = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "net/ipv4/ip_forward",
];

/** Interfaces, mounts, control groups, loop devices, rules and settings of the machine, and the processes that name `folder`. */
export async function traces(folder: string): Promise<Record<string, string[]>> {
  const rules = await execa("iptables-save", { reject: false });
  return {
    processes: runningProcesses().flatMap(({ command }) => (command.includes(`${folder}/`) ? [command] : [])),
    interfaces: readdirSync("/sys/class/net").sort(),
    addresses: Object.keys(networkInterfaces()).sort(),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n").sort(),
    groups: controlGroups().sort(),
    loops: readdirSync("/sys/block").filter((name) => existsSync(`/sys/block/${name}/loop/backing_file`)),
    rules: rules.exitCode === 0 ? rules.stdout.split("\n").filter((line) => line.startsWith("-A")) : [],
    settings: sysctls.map((name) => `${name} ${readFileSync(path.join("/proc/sys", name), "utf8").trim()}`),
    folders: ["/var/lib/kubelet", "/var/lib/cni", "/var/log/pods", "/run/containerd", "/etc/cni"].filter(existsSync),
  };
}

function controlGroups(): string[] {
  const root = "/sys/fs/cgroup";
  const folders = [root, ...readdirSync(root).map((name) => path.join(root, name))];
  return folders.flatMap((folder) => {
    try {
      const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      return entries.map(({ name }) => path.join(folder, name));
    } catch {
      return []; // a file
    }
  });
}
