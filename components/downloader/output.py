"""What the operator sees: lines without secrets, sizes, times, progress."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterable
from typing import Any, NoReturn, TextIO


class Redacted:
    """A text stream from which secrets are removed, so that no library's message or traceback can carry one."""

    PATTERNS = (
        (re.compile(r"hf_[A-Za-z0-9]{6,}"), "[redacted]"),
        (re.compile(r"(?i)(bearer|basic)\s+[^\s'\",;)]+"), r"\1 [redacted]"),
        (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@'\"]+@"), r"\1[redacted]@"),
        # the query of a signed address is a key to the file
        (re.compile(r"(?i)\b(https?://[^\s?'\"]+)\?[^\s'\")]+"), r"\1?[redacted]"),
    )

    def __init__(self, stream: TextIO, secrets: Iterable[str]) -> None:
        self.stream = stream
        forms = {form for secret in secrets for form in (secret, urllib.parse.quote(secret, safe=""))}
        self.secrets = sorted((form for form in forms if len(form) > 3), key=len, reverse=True)

    def redact(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "[redacted]")
        for pattern, replacement in self.PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def write(self, text: str) -> int:
        self.stream.write(self.redact(text))
        return len(text)

    def flush(self) -> None:
        self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def say(text: str) -> None:
    """One write: print() makes two of a line, and another thread's line may come in between."""
    sys.stdout.write(f"model-downloader: {text}\n")
    sys.stdout.flush()


def end(code: int) -> NoReturn:
    """Leaves at once, without waiting for threads that may hang in a read."""
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def one_line(error: object, limit: int = 300) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def size_text(size: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{int(size)} B"


def rate_text(rate: float) -> str:
    return f"{rate / 1e6:.0f} MB/s" if rate >= 1e7 else f"{size_text(rate)}/s"


def time_text(seconds: float) -> str:
    if 0 < seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def complete(model: str, commit: str, size: int) -> None:
    """The last line of a success."""
    say(f"complete {model}@{commit[:12]} {size_text(size)}")


class Progress:
    """Bytes that are there, and one line about them every few seconds."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.received = 0
        self.lock = threading.Lock()
        self.samples: list[tuple[float, int]] = []

    def add(self, size: int, received: bool = False) -> None:
        with self.lock:
            self.done += size
            self.received += size if received else 0

    def line(self, extra: int = 0) -> str:
        """`extra`: bytes that somebody else is writing, as seen on the disk."""
        now, done, received = time.monotonic(), min(self.total, self.done + extra), self.received + extra
        unit, factor = next(((u, f) for u, f in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)) if self.total >= f), ("B", 1.0))
        text = f"downloading {done / factor:.1f} of {self.total / factor:.1f} {unit}"
        text += f" ({100 * done // max(1, self.total)} %)"
        self.samples = [*self.samples[-6:], (now, received)]
        since, before = self.samples[0]
        if now == since:
            return text
        rate = max(0.0, (received - before) / (now - since))
        left = f"{time_text((self.total - done) / rate)} left" if rate else "nothing arrives"
        return f"{text}, {rate_text(rate)}, {left}"
