#!/bin/bash
# The place in which the node runs, as its first process: private network, mounts, processes and host name, with a Debian of its own as root.
# Everything that the node's programs mount, start or configure ends with this process; the machine around it keeps its own.
# Usage, in new namespaces (see cell.ts): cell.sh STATE_DIR DEBIAN CONTROL_GROUP [FROM:TO …]   (FROM is shown read-only at TO)
set -euo pipefail
state=$1 debian=$2 group=$3
shift 3

mount --make-rprivate /
root=$state/root
mkdir -p "$root" "$state"/{upper,work,containerd,kubelet,volumes,logs,pods,etc}
mount -t overlay overlay -o "lowerdir=$debian,upperdir=$state/upper,workdir=$state/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs tmp "$root/tmp"
show() { # FROM TO
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
}
show "$state" "$state"
# What programs look for in fixed places; the kubelet keeps pods' volumes in its folder, containerd its images.
show "$state/kubelet" /var/lib/kubelet
show "$state/containerd" /var/lib/containerd
show "$state/pods" /var/log/pods
for pair in "$@"; do
  show "${pair%%:*}" "${pair#*:}"
  mount -o remount,bind,ro "$root${pair#*:}"
done
# The kubelet sets these for the whole machine, unless they have these values already: so it is shown that they have.
# https://github.com/kubernetes/kubernetes/blob/v1.34.2/pkg/kubelet/cm/container_manager_linux.go (setupKernelTunables)
tunable() { # NAME VALUE
  echo "$2" > "$root/run/$(basename "$1")"
  mount --bind "$root/run/$(basename "$1")" "$root/proc/sys/$1"
}
tunable vm/overcommit_memory 1
tunable vm/panic_on_oom 0
tunable kernel/panic 10
tunable kernel/panic_on_oops 1
tunable kernel/keys/root_maxkeys 1000000
tunable kernel/keys/root_maxbytes 25000000
# Pods ask for more processors than a small machine has. The kubelet, which counts them in sysfs, is shown eight, of which it uses those that
# are online; containers see the true ones. https://github.com/google/cadvisor/blob/v0.52.1/utils/sysinfo/sysinfo.go (getCPUTopology)
system=$root/sys/devices/system
if [ "$(nproc)" -lt 8 ]; then
  mkdir -p "$root"/run/{cpu,node}
  for cpu in 0 1 2 3 4 5 6 7; do
    mkdir -p "$root/run/cpu/cpu$cpu/topology"
    echo "$cpu" > "$root/run/cpu/cpu$cpu/topology/core_id"
    echo 0 > "$root/run/cpu/cpu$cpu/topology/physical_package_id"
  done
  for file in online possible present; do cat "$system/cpu/$file" > "$root/run/cpu/$file"; done
  mount --bind "$root/run/cpu" "$system/cpu"
  if [ -d "$system/node" ]; then mount --bind "$root/run/node" "$system/node"; fi
fi
bash "$(dirname "$0")/groups.sh" /sys/fs/cgroup "$group" "$state/controllers"

cd "$root"
mkdir -p run/outside
pivot_root . run/outside
umount -l /run/outside
mount --make-rshared /
hostname real-node
[ -s /etc/machine-id ] || tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward # of this network alone
touch "$state/cell-ready"
# Waits for ever, and for whatever has lost its parent.
exec -a "vllm-node-cell $state" /bin/bash -c 'trap "exit 0" TERM; while :; do sleep 3600 & wait; done'
