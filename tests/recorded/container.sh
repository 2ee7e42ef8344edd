#!/usr/bin/env bash
# What a container is to the program in it, made of the kernel's own parts: process 1 in namespaces of its own, a root of its own with the paths
# of Red Hat's image, a network without a way out. So a recording shows no path of the machine that it was made on. Needs root and cgroup v1.
#
#   PYTHON_HOME=… SITE_PACKAGES=… PRELOADED=<libraries for opt/app-root/lib64> MODEL=… MODELINFOS=… SCRATCH=… FAULT=<lines of shell> ENVIRONMENT=<NAME=value …> container.sh COMMAND...
#
# The lines of FAULT run inside, as root, in the container's root folder, before the command. What they may use and set:
#   $model      the model's folder
#   RUN_AS      the uid that the command runs as (0)
#   MEMORY      bytes of main memory that it may use
#   after       a function that runs beside the command, to do something to it
set -euo pipefail

if [ -z "${INSIDE:-}" ]; then
  group=/sys/fs/cgroup/memory/vllm-recorded-$$
  code=0
  exec 3>&1
  INSIDE=1 GROUP=$group unshare --mount-proc --pid --fork --kill-child=SIGKILL --uts --ipc --net -- "$0" "$@" 2> "$SCRATCH/unshare" || code=$?
  # Where process 1 was killed, unshare cannot end itself by the same signal and says so: nobody but the kernel, for memory, kills it here.
  if [ -s "$SCRATCH/unshare" ]; then code=137; fi
  if [ -d "$group" ]; then rmdir "$group"; fi
  exit $code
fi

exec >&3 2>&3 3>&-
root=$SCRATCH/root
mkdir -p "$root"
mount -t tmpfs -o size=2g tmpfs "$root"
cd "$root"
for folder in bin lib lib64 sbin; do cp -a "/$folder" .; done
mkdir -p usr etc proc sys dev tmp run root var/tmp opt/python opt/app-root/lib64/python3.11/site-packages models-cache
if [ -n "${PRELOADED:-}" ]; then cp -L $PRELOADED opt/app-root/lib64/; fi
chmod 1777 tmp var/tmp
mount --rbind /usr usr
mount --bind "$PYTHON_HOME" opt/python
mount --bind "$SITE_PACKAGES" opt/app-root/lib64/python3.11/site-packages
cp -a /etc/{group,ld.so.cache,ld.so.conf,ld.so.conf.d,alternatives,ssl} etc/
printf 'root:x:0:0:root:/root:/bin/bash\n' > etc/passwd
printf '127.0.0.1 localhost\n' > etc/hosts
hostname vllm-7c9d8b6f5-x2x4k
ip link set lo up
mount --bind /proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs dev
mkdir -p dev/shm
for device in null zero full random urandom tty; do touch "dev/$device" && mount --bind "/dev/$device" "dev/$device"; done
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o size=1g tmpfs dev/shm
model=models-cache/Tiny/Ping
mkdir -p models-cache/Tiny
cp -rL "$MODEL" "$model"
chmod -R a+rX models-cache/Tiny
# What vLLM found out about the architecture, as a claim keeps it from one start to the next.
mkdir -p models-cache/.vllm-cache/modelinfos
mount --bind "$MODELINFOS" models-cache/.vllm-cache/modelinfos
chmod 0777 models-cache models-cache/.vllm-cache models-cache/.vllm-cache/modelinfos

RUN_AS=0
MEMORY=
after() { :; }
eval "$FAULT"
if [ -n "$MEMORY" ]; then
  mkdir "$GROUP"
  echo "$MEMORY" > "$GROUP/memory.limit_in_bytes"
  echo $$ > "$GROUP/cgroup.procs"
fi
(after) >/dev/null 2>&1 &

# Nothing of this shell's environment goes further.
eval "environment=($ENVIRONMENT)"
exec chroot "$root" /usr/bin/setpriv --reuid "$RUN_AS" --regid 0 --clear-groups \
  /usr/bin/env -i PATH=/opt/python/bin:/usr/bin LD_LIBRARY_PATH=/opt/python/lib \
  PYTHONPATH=/opt/app-root/lib64/python3.11/site-packages "${environment[@]}" "$@"
