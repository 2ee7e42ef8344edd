#!/bin/bash
# Makes the kubelet's control groups, apart from those of a Kubernetes that the machine may have: with as much of the processors as a machine of
# its own would have, beside whatever else wants them. They outlive the node: `down` removes them.
# Usage: groups.sh CONTROL_GROUPS GROUP
set -euo pipefail
root=$1 group=$2

if [ -e "$root/cgroup.controllers" ]; then # version 2: one tree, in which a group has from the one above what it has not been told
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
