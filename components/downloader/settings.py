"""What the environment says."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Optional

from failures import Failure


@dataclass(frozen=True)
class Settings:
    """What the environment says; read once, all mistakes reported together."""

    model: str
    mount: Path
    revision: str
    verify: str
    allow: tuple[str, ...]
    ignore: tuple[str, ...]
    source: str
    endpoint: str
    token: Optional[str] = field(repr=False)
    offline: bool
    retry_seconds: float
    timeout: float
    progress_seconds: float
    workers: int
    adapters: tuple[tuple[str, str], ...] = ()
    is_adapter: bool = False

    def of_adapters(self) -> list[Settings]:
        """The same for each adapter, which is a model of its own on the volume: its files are few, and all are wanted."""
        return [
            replace(self, model=model, revision=revision, allow=(), ignore=(), adapters=(), is_adapter=True)
            for model, revision in self.adapters
        ]

    @property
    def config(self) -> tuple[str, ...]:
        """The file that every model has: one of these."""
        return ("adapter_config.json",) if self.is_adapter else ("config.json", "params.json")

    @property
    def page(self) -> str:
        return f"{self.endpoint}/{self.model}"

    @property
    def wanted(self) -> str:
        return f"{self.model}@{self.revision}"


def read_settings(env: Mapping[str, str]) -> Settings:
    problems: list[str] = []

    def check(valid: bool, name: str, rule: str) -> None:
        if not valid:
            problems.append(f"'{name}' ({', '.join(env.get(name, '').splitlines())}) must {rule}")

    def number(name: str, default: float, least: float) -> float:
        text = env.get(name, "").strip()
        with contextlib.suppress(ValueError):
            value = float(text) if text else default
            if value >= least and value != float("inf"):
                return value
        check(False, name, f"be a number of at least {least:g}")
        return default

    def lines(name: str) -> tuple[str, ...]:
        return tuple(line.strip() for line in env.get(name, "").splitlines() if line.strip())

    def is_id(text: str) -> bool:
        return bool(re.fullmatch(r"[A-Za-z0-9_][\w.-]*/[A-Za-z0-9_][\w.-]*", text, re.ASCII))

    def is_revision(text: str) -> bool:
        return text.isprintable() and " " not in text

    model = env.get("MODEL_ID", "").strip()
    check(is_id(model), "MODEL_ID", "be owner/name")
    mount = Path(env.get("MODELS_PATH", "").strip())
    check(mount.is_absolute() and ".." not in mount.parts, "MODELS_PATH", "be an absolute path")
    revision = env.get("MODEL_REVISION", "").strip() or "main"
    check(is_revision(revision), "MODEL_REVISION", "be a commit, a tag or a branch")
    adapters = tuple((one.partition("@")[0], one.partition("@")[2] or "main") for one in lines("MODEL_ADAPTERS"))
    right = all(is_id(name) and is_revision(wanted) for name, wanted in adapters)
    apart = len({model, *(name for name, _ in adapters)}) == len(adapters) + 1
    check(right and apart, "MODEL_ADAPTERS", "be lines of owner/name@revision, each another than the model and the rest")
    verify = env.get("MODEL_VERIFY", "").strip() or "sizes"
    check(verify in ("sizes", "headers", "full"), "MODEL_VERIFY", "be sizes, headers or full")
    source = env.get("MODEL_SOURCE", "").strip() or "hub"
    check(source in ("hub", "existing"), "MODEL_SOURCE", "be hub or existing")
    endpoint = (env.get("HF_ENDPOINT", "").strip() or "https://huggingface.co").rstrip("/")
    check(bool(re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", endpoint)), "HF_ENDPOINT", "be an http(s) address")
    token = (env.get("HF_TOKEN") or env.get("HUGGING_FACE_HUB_TOKEN") or "").strip()
    if not re.fullmatch(r"[\x21-\x7e]*", token):
        problems.append("'HF_TOKEN' (not shown) must be one word of printable ASCII; set the Secret's value anew")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        check(not env.get(name) or os.path.exists(env[name]), name, "be a file of CA certificates that exists")
    retry_seconds = number("MODEL_RETRY_SECONDS", 300, 0)
    timeout = number("HF_HUB_DOWNLOAD_TIMEOUT", 30, 0.1)
    progress_seconds = number("MODEL_PROGRESS_SECONDS", 5, 0.1)
    workers = int(number("MODEL_WORKERS", 4, 1))
    if problems:
        raise Failure("usage", "; ".join(problems) + ".")
    return Settings(
        model, mount, revision, verify, lines("MODEL_ALLOW_PATTERNS"), lines("MODEL_IGNORE_PATTERNS"), source, endpoint,
        token or None, env.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"), retry_seconds, timeout,
        progress_seconds, workers, adapters,
    )  # fmt: skip
