"""Removes one model's own folders from the volume, and nothing else: python3 remove_model.py MOUNT OWNER/NAME.

Every folder on the way is opened without following links, and what is removed is named relative to an open folder: a link, wherever
it stands, can lead nothing outside.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
import sys

STATE = ".model-downloader"
CACHE = ".hf-cache"
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# What the downloader has put aside because it was not the model's, and its lock.
KEPT = ("kept", "lock", "lease")


class Refused(Exception):
    """Nothing more is removed."""


def open_folder(parent: int | None, name: str, shown: str) -> int | None:
    """A folder that is no link; None where there is none."""
    try:
        return os.open(name, FOLDER, dir_fd=parent)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Refused(f"{shown} is a link or no folder, so nothing in it is removed") from error
        raise


def walk(mount: int, path: str, *names: str) -> int | None:
    folder: int | None = mount
    for name in names:
        path = f"{path}/{name}"
        if folder is None:
            return None
        folder = open_folder(folder, name, path)
    return folder


def size(parent: int, name: str) -> int:
    total = 0
    for _root, _folders, files, folder in os.fwalk(name, dir_fd=parent, follow_symlinks=False):
        total += sum(os.stat(one, dir_fd=folder, follow_symlinks=False).st_blocks * 512 for one in files)
    return total


def remove(parent: int | None, name: str, shown: str) -> None:
    if parent is None:
        return
    try:
        mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        freed = size(parent, name)
        shutil.rmtree(name, dir_fd=parent)  # follows no link inside: https://docs.python.org/3/library/shutil.html#shutil.rmtree
        print(f"removed {shown}, {freed / 1e9:.1f} GB", flush=True)
    else:
        os.unlink(name, dir_fd=parent)
        print(f"removed {shown}", flush=True)


def check_free(state: int) -> None:
    """Refuses while a downloader holds the model's lock."""
    try:
        lock = os.open("lock", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=state)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held until this process ends
    except BlockingIOError as error:
        raise Refused("a downloader is at work on this model") from error
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL):
            raise


def main(mount_path: str, model: str) -> None:
    if not mount_path.startswith("/") or ".." in mount_path.split("/") or os.path.normpath(mount_path) == "/":
        raise Refused(f"the mount path ({mount_path}) must be an absolute path without '..', and not the root")
    if not re.fullmatch(r"[A-Za-z0-9_][\w.-]*/[A-Za-z0-9_][\w.-]*", model, re.ASCII):
        raise Refused(f"the model ({model}) must be owner/name")
    owner, name = model.split("/")
    mount = open_folder(None, mount_path, mount_path)
    if mount is None:
        raise Refused(f"there is no {mount_path}")
    state = walk(mount, mount_path, STATE, owner, name)
    served = walk(mount, mount_path, owner)
    cache = walk(mount, mount_path, CACHE, "hub")
    locks = walk(mount, mount_path, CACHE, "hub", ".locks")
    if state is not None:
        check_free(state)
    # The served path first: nobody can start on a model that is half gone.
    remove(served, name, f"{mount_path}/{model}")
    if state is not None:
        for entry in sorted(os.listdir(state), key=lambda one: not one.endswith(".json")):  # markers first
            if entry not in KEPT:
                remove(state, entry, f"{mount_path}/{STATE}/{model}/{entry}")
    hub_name = f"models--{owner}--{name}"
    remove(cache, hub_name, f"{mount_path}/{CACHE}/hub/{hub_name}")
    remove(locks, hub_name, f"{mount_path}/{CACHE}/hub/.locks/{hub_name}")
    print(f"done: {model} is gone from the volume", flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Refused, OSError) as error:
        print(f"error: {error}.", flush=True)
        sys.exit(1)
