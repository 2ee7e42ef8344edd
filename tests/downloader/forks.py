"""Runs of the downloader that share an interpreter's start: each is a fork of one that has loaded what takes long.

A run gets its own environment, its own output and its own process id, as if it had been started alone.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Optional

# Seconds, longer than any machine takes: what hangs is ended, and no verdict depends on how fast the machine is.
PATIENCE = 600
SCRIPT = Path(__file__).resolve().parents[2] / "components" / "downloader" / "download.py"
INJECT = Path(__file__).parent / "inject.py"

# They read no environment when they are loaded. huggingface_hub does (HF_ENDPOINT, …): each run loads it itself.
CLIENTS = ("httpx2", "httpcore2", "httpx", "httpcore", "anyio.to_thread", "anyio.streams.tls", "h11", "truststore",
           "requests", "urllib3", "yaml", "tqdm.contrib.concurrent", "filelock", "fsspec", "packaging.version")  # fmt: skip
STANDARD = ("argparse", "asyncio", "concurrent.futures.thread", "dataclasses", "encodings.ascii", "http.client",
            "importlib.metadata", "shlex", "ssl", "urllib.request", "zipfile")  # fmt: skip
OWN = tuple(path.stem for path in SCRIPT.parent.glob("*.py") if path != SCRIPT)


class Fork:
    """What the tests use of `subprocess.Popen`."""

    def __init__(self, output: int, told: int) -> None:
        self.stdout = os.fdopen(output)
        self.told = os.fdopen(told)
        self.pid = int(self.told.readline())
        self.returncode: Optional[int] = None

    def send_signal(self, number: int) -> None:
        # One that has ended by itself meanwhile is no error, as for Popen: https://github.com/python/cpython/issues/84730
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: Optional[float] = None) -> int:
        if self.returncode is None:
            if not select.select([self.told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(SCRIPT), timeout or 0)
            self.returncode = int(self.told.readline())
            self.told.close()
        return self.returncode

    def communicate(self, timeout: float = PATIENCE) -> tuple[str, None]:
        """The rest of its output; a run that takes too long is killed, which no test takes for its end."""
        timer = threading.Timer(timeout, self.kill)
        timer.start()
        try:
            output = self.stdout.read()
            self.wait()
        finally:
            timer.cancel()
            self.stdout.close()
        return output, None


class Forks:
    """The process that the runs are forks of."""

    def __init__(self, *modules: str, **env: str) -> None:
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, str(INJECT), "serve", str(SCRIPT), str(theirs.fileno())]
        self.process = subprocess.Popen(
            [*command, *CLIENTS, *STANDARD, *OWN, *modules],
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **env},
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def start(self, env: dict[str, str], fault: str = "none") -> Fork:
        output, output_end = os.pipe()
        told, told_end = os.pipe()
        request = json.dumps({"env": env, "fault": fault}).encode()
        socket.send_fds(self.requests, [request], [output_end, told_end])
        os.close(output_end)
        os.close(told_end)
        return Fork(output, told)

    def close(self) -> None:
        self.requests.close()
        self.process.wait(10)


@functools.cache
def shared() -> Forks:
    """One for all tests."""
    forks = Forks()
    atexit.register(forks.close)
    return forks
