#!/bin/bash
# Makes the kubelet's control groups, apart from those of a Kubernetes that the machine may have: with as much of the processors as a machine of
# its own would have, beside whatever else wants them. They outlive the node: `down` removes them.
# Usage: groups.sh CONTROL_GROUPS GROUP BEFORE
set -euo pipefail
root=$1 group=$2 before=$3

if [ -e "$root/cgroup.controllers" ]; then # version 2: one tree, in which a group has from the one above what it has not been told
  # What the root gives away is written down for `down`: runc adds all that the kernel has to it.
  [ -e "$before" ] || { cat "$root/cgroup.subtree_control" > "$before.new" && mv "$before.new" "$before"; }
  # What the kubelet asks of its group before it makes any; systemd gives away what its units need.
  # https://github.com/kubernetes/kubernetes/blob/v1.34.2/pkg/kubelet/cm/cgroup_v2_manager_linux.go (Validate)
  has=" $(cat "$root/cgroup.controllers") " given=" $(cat "$root/cgroup.subtree_control") "
  for controller in cpu cpuset memory hugetlb pids; do
    if [[ $has == *" $controller "* && $given != *" $controller "* ]]; then echo "+$controller" > "$root/cgroup.subtree_control"; fi
  done
  mkdir -p "$root/$group"
  if [ -e "$root/$group/cpu.weight" ]; then echo $((100 * $(nproc))) > "$root/$group/cpu.weight"; fi
  exit
fi
for controller in "$root"/*/; do
  [ -e "$controller/cgroup.procs" ] || continue
  mkdir -p "$controller/$group"
  if [ -e "$controller/$group/cpu.shares" ]; then echo $((1024 * $(nproc))) > "$controller/$group/cpu.shares"; fi
  if [ -e "$controller/cpuset.cpus" ]; then # without them no process can be put there
    for one in cpuset.cpus cpuset.mems; do cat "$controller/$one" > "$controller/$group/$one"; done
  fi
done
