"""Runs the downloader as the init container does, on a folder that stands for the volume, and looks at what it left."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

from forks import PATIENCE, SCRIPT, Fork, shared

MODEL = "tiny/model"
TOKEN = "hf_ThisIsTheCanaryTokenOfTheTests"
NOT_NEEDED = (".gitattributes", "README.md", "original/consolidated.00.pth", "ggml-model-q4.gguf")


def needed(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name not in NOT_NEEDED}


@dataclass
class Result:
    code: int
    output: str
    seconds: float

    @property
    def last(self) -> str:
        return self.output.rstrip("\n").rpartition("\n")[2]

    def is_complete(self) -> bool:
        return self.code == 0 and bool(re.fullmatch(r"model-downloader: complete \S+@\S+ [\d.]+ [kMG]?B", self.last))

    def failed(self, code: int, name: str) -> bool:
        return self.code == code and self.last.startswith(f"model-downloader: error: {name}: ")


class Volume:
    """A mounted claim, and the environment of the container that mounts it."""

    def __init__(self, path: Path, endpoint: str) -> None:
        self.path = path
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MODEL_ID": MODEL,
            "MODELS_PATH": str(path),
            "HF_HOME": str(path / ".hf-cache"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_ENDPOINT": endpoint,
            "HF_TOKEN": TOKEN,
            "HF_HUB_DOWNLOAD_TIMEOUT": "2",
            # What is to end well does so on the slowest machine; what is to give up says after how long.
            "MODEL_RETRY_SECONDS": str(PATIENCE),
            "MODEL_PROGRESS_SECONDS": "0.2",
        }

    @property
    def served(self) -> Path:
        return self.path / MODEL

    @property
    def state(self) -> Path:
        return self.path / ".model-downloader" / MODEL

    def start(self, inject: str = "none", **env: str) -> Fork:
        return shared().start({**self.env, **env}, inject)

    def run(self, inject: str = "none", **env: str) -> Result:
        return self.result(lambda: self.start(inject, **env))

    def run_alone(self, by: Sequence[str] = (), **env: str) -> Result:
        """In an interpreter of its own, as the init container runs it; `by` is a command that starts it."""
        return self.result(
            lambda: subprocess.Popen(
                [*by, sys.executable, str(SCRIPT)],
                env={**self.env, **env},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd="/",
            )
        )

    def result(self, start: Callable[[], Fork | subprocess.Popen[str]]) -> Result:
        began = time.monotonic()
        process = start()
        output, _ = process.communicate(timeout=PATIENCE)
        result = Result(process.returncode, output, time.monotonic() - began)
        assert TOKEN not in output, "the token is in the output"
        return result

    def kill_after(self, seconds: float, **env: str) -> Result:
        """Its `seconds` are those to the kill, or to the end of a process that was quicker."""
        began = time.monotonic()
        process = self.start(**env)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        lasted = time.monotonic() - began
        process.kill()
        output, _ = process.communicate(timeout=PATIENCE)
        return Result(process.returncode, output, lasted)

    def kill_when(
        self,
        condition: Callable[[], bool],
        number: int = signal.SIGKILL,
        inject: str = "none",
        **env: str,
    ) -> Result:
        """Its `seconds` are those from the signal to the end of the process."""
        process = self.start(inject, **env)
        try:
            wait_until(condition)
            began = time.monotonic()
            process.send_signal(number)
            output, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        return Result(process.returncode, output, time.monotonic() - began)

    def content(self) -> Optional[dict[str, bytes]]:
        """What vLLM would find, None when there is nothing at the served path."""
        if not self.served.exists():
            return None
        return {
            str(path.relative_to(self.served)): path.read_bytes() for path in self.served.rglob("*") if path.is_file()
        }

    def leftovers(self) -> list[str]:
        """What is on the volume beside one snapshot, its marker, the lock and the record of revisions."""
        snapshot = os.path.basename(os.readlink(self.served))
        known = {snapshot, f"{snapshot}.json", "lock", "revisions.json"}
        return sorted(path.name for path in self.state.iterdir() if path.name not in known)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    certificate, key = folder / "ca.crt", folder / "ca.key"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=fake hub"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:hub.invalid", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    return certificate, key


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for did not happen"
        time.sleep(0.02)


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
