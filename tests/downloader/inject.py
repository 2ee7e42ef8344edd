"""`inject.py FAULT SCRIPT`: runs the script with a fault that a test cannot cause from outside.

no-locks        flock(2) is not supported, as on some network filesystems
full-after:N    the volume takes N more bytes (ENOSPC on write, while statvfs still promises room)
as-user:N       another user, from which the volume is kept
dns-hangs:PATH  a name is looked up for ever, in C, where no signal handler of Python runs; PATH is made when it begins
kill-at:N       SIGKILL just before the Nth change to the volume (create, rename, link, unlink, mkdir, fsync, …)

`inject.py serve SCRIPT FD MODULE…`: loads the modules once, and runs the script in a fork for each request on the socket FD.
That saves the interpreter's start: hundreds of runs in the time of a few. See forks.py, which asks for them.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import errno
import fcntl
import gc
import importlib
import io
import json
import os
import pathlib
import runpy
import signal
import socket
import sys
import threading
from typing import Any, Callable, NoReturn


def no_locks(_: str) -> None:
    def no_flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    fcntl.flock = no_flock  # type: ignore[assignment]
    import lock

    lock.Lock.LEASE_SECONDS = float(os.environ["LEASE_SECONDS"])  # so that no test waits for half a minute


class Full:
    """A file on a volume that fills up."""

    room = 0

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, data: bytes) -> int:
        fits = data[: Full.room]
        Full.room -= len(fits)
        self.stream.write(fits)
        if len(fits) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.stream.name)
        return len(fits)

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def full_after(argument: str) -> None:
    Full.room = int(argument)
    plain = pathlib.Path.open

    def open_full(self: pathlib.Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        stream = plain(self, mode, *rest, **named)
        return Full(stream) if ".parts" in str(self) and "a" in mode else stream

    pathlib.Path.open = open_full  # type: ignore[method-assign]


def kill_at(argument: str) -> None:
    left = [int(argument)]
    guard = threading.Lock()

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*rest: Any, **named: Any) -> Any:
            with guard:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return change(*rest, **named)

        return wrapper

    for name in ("rename", "replace", "link", "symlink", "unlink", "mkdir", "rmdir", "fsync", "ftruncate"):
        setattr(os, name, counted(getattr(os, name)))
    plain = io.open

    def open_counted(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        writes = set(mode) & set("wax+") and str(file).startswith(os.environ["MODELS_PATH"])
        return counted(plain)(file, mode, *rest, **named) if writes else plain(file, mode, *rest, **named)

    io.open = builtins.open = open_counted  # type: ignore[assignment]


def as_user(argument: str) -> None:
    import download  # while we may still read it

    os.setgroups([])
    os.setgid(int(argument))
    os.setuid(int(argument))
    download.main()


def dns_hangs(argument: str) -> None:
    """getaddrinfo(3) while DNS drops the packets: it goes on after a signal, so that only another thread sees that one."""
    libc = ctypes.CDLL(None)
    mutex = ctypes.create_string_buffer(64)  # zeros are an unlocked mutex
    libc.pthread_mutex_lock(mutex)

    def hang(*_: object, **__: object) -> None:
        pathlib.Path(argument).touch()
        libc.pthread_mutex_lock(mutex)

    socket.getaddrinfo = hang  # type: ignore[assignment]


FAULTS = {
    "as-user": as_user,
    "dns-hangs": dns_hangs,
    "none": lambda _: None,
    "no-locks": no_locks,
    "full-after": full_after,
    "kill-at": kill_at,
}


def run(fault: str, script: str) -> None:
    kind, _, argument = fault.partition(":")
    FAULTS[kind](argument)
    runpy.run_path(script, run_name="__main__")


def serve(script: str, handle: str, modules: list[str]) -> None:
    for name in modules:
        with contextlib.suppress(ModuleNotFoundError):  # not every version of huggingface_hub needs each of them
            importlib.import_module(name)
    gc.freeze()  # no run looks through, and so copies, what all of them share
    requests = socket.socket(fileno=int(handle))
    while True:
        request, (*handles,), _, _ = socket.recv_fds(requests, 1 << 17, 2)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:  # the watchers whose runs have ended
                pass
        if not request:
            return
        if not os.fork():
            requests.close()
            watch(script, json.loads(request), *handles)
        for each in handles:
            os.close(each)


def watch(script: str, request: dict[str, Any], output: int, told: int) -> NoReturn:
    """Tells the process id of the run, and how it ended once it has."""
    child = os.fork()
    if not child:
        os.close(told)
        for each in (1, 2):
            os.dup2(output, each)
        os.close(output)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir("/")
        sys.argv = [script]
        run(request["fault"], script)
        os._exit(99)  # the script ends its process itself
    os.close(output)
    os.write(told, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    fault, script, *rest = sys.argv[1:]
    sys.argv = sys.argv[2:]
    sys.path[0] = os.path.dirname(script)
    serve(script, rest[0], rest[1:]) if fault == "serve" else run(fault, script)
