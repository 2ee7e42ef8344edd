/** What a node could leave on the machine, to be compared before and after. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
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

/** What the root of control groups has on version 2. */
const givenAway = "/sys/fs/cgroup/cgroup.subtree_control";

/** What shows the machine's packet filters, as far as it is installed. */
const filters = [
  "iptables-save",
  "ip6tables-save",
  "iptables-legacy-save",
  "ip6tables-legacy-save",
  "nft list ruleset",
];

/**
 * Namespaces, interfaces, mounts, control groups, loop devices, rules and settings of the machine, and the processes that name `folder` or live
 * in namespaces of their own, as all do that the node has started.
 */
export async function traces(folder: string): Promise<Record<string, string[]>> {
  const processes = runningProcesses();
  return {
    processes: processes.flatMap(({ command }) => (command.includes(`${folder}/`) ? [command] : [])),
    apart: processes.flatMap(({ pid, command }) => (livesApart(pid) ? [command] : [])),
    namespaces: existsSync("/run/netns") ? readdirSync("/run/netns") : [],
    interfaces: readdirSync("/sys/class/net").sort(),
    addresses: Object.keys(networkInterfaces()).sort(),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n").sort(),
    groups: controlGroups().sort(),
    controllers: existsSync(givenAway) ? [readFileSync(givenAway, "utf8")] : [],
    loops: readdirSync("/sys/block").filter((name) => existsSync(`/sys/block/${name}/loop/backing_file`)),
    rules: await rules(),
    settings: sysctls.map((name) => `${name} ${readFileSync(path.join("/proc/sys", name), "utf8").trim()}`),
    folders: ["/var/lib/kubelet", "/var/lib/cni", "/var/log/pods", "/run/containerd", "/etc/cni"].filter(existsSync),
  };
}

/** Every rule of every filter, and no counters. */
async function rules(): Promise<string[]> {
  const texts = await Promise.all(
    filters.map(async (line) => {
      const [command, ...args] = line.split(" ") as [string, ...string[]];
      const { exitCode, stdout } = await execa(command, args, { reject: false });
      return exitCode === 0
        ? stdout
            .replace(/counter packets \d+ bytes \d+/g, "counter")
            .split("\n")
            .filter((rule) => !/^[#:]/.test(rule))
        : [];
    }),
  );
  return texts.flat();
}

function livesApart(pid: number): boolean {
  return ["net", "pid"].some((space) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/${space}`) !== readlinkSync(`/proc/self/ns/${space}`);
    } catch {
      return false; // it has ended
    }
  });
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
