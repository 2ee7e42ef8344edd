#!/usr/bin/env python3
"""Puts one whole, verified revision of a Hugging Face model where vLLM serves it, and nothing less.

On the volume (MODELS_PATH), for the model `owner/name`:

    owner/name -> ../.model-downloader/owner/name/<commit>.<patterns>   the served path, a symbolic link
    .model-downloader/owner/name/
        <commit>.<patterns>/          a complete snapshot: the files of one commit that the patterns select
        <commit>.<patterns>.json      its marker, written only when every file was verified
        <commit>.<patterns>.new/      a snapshot in the making: every file in it is verified already
        <commit>.<patterns>.parts/    files on their way, resumed after a kill
        adopted/                      a folder that an older deployment left at the served path
        kept/                         files found there that are not of the model
        revisions.json                which commit each requested revision was resolved to
        lock

The link is replaced by rename(2) after the marker is on disk, so whoever opens the served path finds the old
snapshot or the new one, whole. A snapshot without a marker is not believed.

A revision is resolved once: a branch that moves later does not change what a restarted pod serves, and a restart
needs no Hub. A changed MODEL_REVISION that cannot be fetched is an error; the old revision is not served in its place.

Environment: MODEL_ID, MODELS_PATH, MODEL_REVISION ("" is main), MODEL_VERIFY (sizes | headers | full),
MODEL_ALLOW_PATTERNS and MODEL_IGNORE_PATTERNS (one glob a line), MODEL_SOURCE (hub | existing), MODEL_RETRY_SECONDS,
MODEL_PROGRESS_SECONDS, MODEL_WORKERS, HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT, HTTPS_PROXY,
NO_PROXY, SSL_CERT_FILE or REQUESTS_CA_BUNDLE.

The last line of a failure is `model-downloader: error: <name>: <sentence>`; EXIT_CODES has the exit code of each name.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import errno
import fcntl
import fnmatch
import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import stat
import struct
import sys
import threading
import time
import traceback
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Callable, NoReturn, Optional, TextIO

VERSION = "1"
EXIT_CODES = {
    "unauthorized": 10,
    "not-found": 11,
    "offline": 12,
    "network": 13,
    "disk-full": 14,
    "permission-denied": 15,
    "corrupt": 16,
    "retries-exhausted": 17,
    "locked": 18,
    "usage": 64,
    "internal": 70,
}
STATE_FOLDER = ".model-downloader"
COMMIT = re.compile(r"[0-9a-f]{40}")
CHUNK = 1 << 20
CORRUPT_ATTEMPTS = 3
FREE_SPACE_MARGIN = 16 << 20
SAFETENSORS_HEADER_LIMIT = 100_000_000
WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.gguf")
# What vLLM never reads, whatever else the repository has.
NEVER = (".gitattributes", "*.md", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.pdf", "*.onnx", "*.onnx_data",
         "*.h5", "*.msgpack", "*.tflite", "*.ot", "*.mlpackage/*", "*.mlmodel", "onnx/*", "openvino/*", "coreml/*",
         "runs/*", ".cache/*", "*.tar.gz", "*.zip")  # fmt: skip
# The same weights a second time, beside safetensors: original/ (Llama), metal/ (gpt-oss), consolidated (Mistral).
DUPLICATES = ("original/*", "metal/*", "*.bin", "*.bin.index.json", "*.pt", "*.pth", "*.gguf")
CONSOLIDATED = ("consolidated*",)
DTYPE_BITS = {"F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
              "U16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I8": 8, "U8": 8, "BOOL": 8}  # fmt: skip


class Failure(Exception):
    """An end that the operator can act on: a name from EXIT_CODES and one sentence."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name
        self.sentence = sentence


class Transient(Exception):
    """Worth another try; if there is no time left for one, `name` is the Failure it becomes."""

    def __init__(self, sentence: str, name: str = "retries-exhausted", retry_after: Optional[float] = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.name = name
        self.retry_after = retry_after


class Corrupt(Exception):
    """Bytes that are not those of the commit."""


# --- output ---------------------------------------------------------------------------------------------------------


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
    print(f"model-downloader: {text}", flush=True)


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


def time_text(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


# --- settings -------------------------------------------------------------------------------------------------------


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
            problems.append(f"'{name}' ({env.get(name, '')}) must {rule}")

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

    model = env.get("MODEL_ID", "").strip()
    check(bool(re.fullmatch(r"[A-Za-z0-9_][\w.-]*/[A-Za-z0-9_][\w.-]*", model, re.ASCII)), "MODEL_ID", "be owner/name")
    mount = Path(env.get("MODELS_PATH", "").strip())
    check(mount.is_absolute() and ".." not in mount.parts, "MODELS_PATH", "be an absolute path")
    if mount.is_absolute() and not mount.is_dir():
        problems.append(f"'MODELS_PATH' ({mount}) must be a folder that exists; mount the models' claim there")
    revision = env.get("MODEL_REVISION", "").strip() or "main"
    check(revision.isprintable() and " " not in revision, "MODEL_REVISION", "be a commit, a tag or a branch")
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
        progress_seconds, workers,
    )  # fmt: skip


# --- the files of a commit ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RemoteFile:
    """A file as the Hub lists it: `sha256` for LFS files, else `blob`, git's own hash."""

    path: str
    size: int
    sha256: Optional[str]
    blob: Optional[str]

    def hasher(self) -> Hasher:
        return Hasher(self)


class Hasher:
    """sha256 always, since that is recorded; git's hash beside it where it is all that the Hub gives."""

    def __init__(self, file: RemoteFile) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()
        # git hashes "blob <size>\0" + content: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        self.git = None if file.sha256 or not file.blob else hashlib.new("sha1", usedforsecurity=False)
        if self.git:
            self.git.update(b"blob %d\0" % file.size)

    def update(self, data: bytes) -> None:
        self.sha256.update(data)
        if self.git:
            self.git.update(data)

    def finish(self) -> str:
        """The sha256; raises Corrupt when the content is not the listed one."""
        digest = self.sha256.hexdigest()
        if self.file.sha256 and digest != self.file.sha256:
            raise Corrupt(f"{self.file.path} has sha256 {digest}, the Hub lists {self.file.sha256}")
        if self.git and self.git.hexdigest() != self.file.blob:
            raise Corrupt(f"{self.file.path} has git hash {self.git.hexdigest()}, the Hub lists {self.file.blob}")
        return digest


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Globs as huggingface_hub reads them: `*` also crosses folders, a trailing slash means everything below."""
    return any(fnmatch.fnmatchcase(path, glob + "*" if glob.endswith("/") else glob) for glob in patterns)


def select(files: Iterable[RemoteFile], allow: tuple[str, ...], ignore: tuple[str, ...]) -> list[RemoteFile]:
    """The files that vLLM needs. Patterns of the settings replace the built-in choice, each in its own direction."""
    listed = list(files)
    if not ignore:
        ignore = NEVER
        safetensors = [file.path for file in listed if "/" not in file.path and file.path.endswith(".safetensors")]
        if safetensors:
            ignore += DUPLICATES
        if any(not matches(path, CONSOLIDATED) for path in safetensors):
            ignore += CONSOLIDATED
    if allow:
        ignore = tuple(glob for glob in ignore if glob not in allow)
    return [file for file in listed if (not allow or matches(file.path, allow)) and not matches(file.path, ignore)]


def safe_path(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and "\\" not in path and path.isprintable() and path == "/".join(
        part for part in path.split("/") if part not in ("", ".", "..")
    )  # fmt: skip


# --- the Hub --------------------------------------------------------------------------------------------------------


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that libraries wrapped into it."""
    seen: set[int] = set()
    todo: list[Any] = [error]
    while todo:
        one = todo.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def classify(error: BaseException, settings: Settings) -> Exception:
    """What an error of the standard library, requests, httpx or huggingface_hub means for the operator."""
    if isinstance(error, (Failure, Transient, Corrupt)):
        return error
    errors = list(chain(error))
    names = {cls.__name__ for one in errors for cls in type(one).__mro__}
    numbers = {one.errno for one in errors if isinstance(one, OSError)}
    text = one_line(error)
    host = urllib.parse.urlsplit(settings.endpoint).hostname
    for one in errors:
        response = getattr(one, "response", None)
        if response is not None and getattr(response, "status_code", None):
            return classify_status(response.status_code, response.headers, settings)
    if numbers & {errno.ENOSPC, errno.EDQUOT}:
        return Failure("disk-full", f"No space left on {settings.mount} ({text}); enlarge the claim or remove models.")
    if "OfflineModeIsEnabled" in names:
        return offline(settings)
    if "ProxyError" in names:
        return Transient(f"the proxy does not let us reach {host}: {text}", "network")
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in errors):
        return Failure("network", f"TLS: the certificate of {host} is not trusted ({text}); give the CA that signs it.")
    if any(isinstance(one, socket.gaierror) for one in errors) or "NameResolutionError" in names:
        return Transient(f"DNS: the name {host} does not resolve ({text})", "network")
    if names & {
        "ConnectionRefusedError",
        "NewConnectionError",
        "ConnectError",
        "ConnectTimeout",
        "ConnectTimeoutError",
    }:
        return Transient(f"no connection to {host}: {text}", "network")
    if names & {"TimeoutException", "Timeout", "TimeoutError", "ReadTimeoutError", "NetworkError", "RemoteProtocolError",
                "ConnectionError", "ChunkedEncodingError", "ProtocolError", "SSLError"}:  # fmt: skip
        return Transient(f"the connection to {host} broke: {text}")
    if numbers & {errno.EACCES, errno.EPERM, errno.EROFS}:
        who = f"uid {os.getuid()}, gid {os.getgid()}"
        return Failure("permission-denied", f"Permission denied for {who}: {text}; the volume must be writable.")
    return error if isinstance(error, Exception) else RuntimeError(text)


def classify_status(status: int, headers: Mapping[str, str], settings: Settings) -> Exception:
    said = one_line(headers.get("X-Error-Message") or "", 200)
    reason = f"HTTP {status}" + (f", {said}" if said else "")
    if status in (401, 403):
        mend = "accept the model's licence there with the account of HF_TOKEN" if settings.token else "set HF_TOKEN"
        return Failure("unauthorized", f"{settings.page} is gated, private or absent and refused "
                       f"{'the token' if settings.token else 'us without a token'} ({reason}); {mend}.")  # fmt: skip
    if status in (404, 410):
        return Failure("not-found", f"{settings.wanted} is not at {settings.endpoint} ({reason}); "
                       "check the model id and the revision.")  # fmt: skip
    if status == 407:
        return Failure("network", f"the proxy wants other credentials ({reason}); set HTTPS_PROXY with them.")
    if status in (408, 425, 429) or status >= 500:
        return Transient(f"the Hub answered {reason}", retry_after=retry_after(headers.get("Retry-After")))
    return Failure("network", f"{settings.endpoint} answered {reason}, which no Hub should; check HF_ENDPOINT.")


def retry_after(value: Optional[str]) -> Optional[float]:
    """Retry-After in either form of RFC 9110, section 10.2.3."""
    if not value:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(value))
    from email.utils import parsedate_to_datetime

    with contextlib.suppress(TypeError, ValueError):
        wait = parsedate_to_datetime(value) - datetime.datetime.now(datetime.timezone.utc)
        return max(0.0, wait.total_seconds())
    return None


def offline(settings: Settings) -> Failure:
    return Failure("offline", f"{settings.wanted} is not complete on the volume and offline mode is enabled; "
                   'set HF_HUB_OFFLINE="0" for this container.')  # fmt: skip


class Budget:
    """Tries again with back-off while less than `seconds` have passed since the last progress."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tries = 0
        self.since = time.monotonic()

    def progress(self) -> None:
        self.tries = 0
        self.since = time.monotonic()

    def wait(self, error: Transient) -> None:
        """Sleeps before the next try, or raises when none fits into the budget."""
        pause = min(30.0, 0.5 * 2**self.tries) * random.uniform(0.75, 1.25)
        if error.retry_after is not None:
            pause = error.retry_after
        spent = time.monotonic() - self.since
        budget = self.settings.retry_seconds
        if spent + pause > budget:
            asked = f" and asks to wait {time_text(pause)}" if error.retry_after is not None else ""
            raise Failure(error.name, f"{error.sentence}{asked}; gave up after {self.tries + 1} tries "
                          f"({budget:g} s without progress are allowed).")  # fmt: skip
        self.tries += 1
        say(f"{error.sentence}; try {self.tries + 1} in {time_text(pause)}")
        time.sleep(pause)


class Hub:
    """The Hub through huggingface_hub: its API for the listing, its session (proxy, CA, user agent) for the bytes.

    The bytes are streamed here and not by `hf_hub_download`, which from 1.x on cannot resume after a kill and which
    waits and retries by limits of its own. Files in Xet storage do go through it, where the image has hf_xet.
    """

    def __init__(self, settings: Settings) -> None:
        import huggingface_hub

        self.lib = huggingface_hub
        self.settings = settings
        self.version = huggingface_hub.__version__

    def retried(self, work: Callable[[], Any]) -> Any:
        budget = Budget(self.settings)
        while True:
            try:
                return work()
            except Exception as error:
                known = classify(error, self.settings)
                if not isinstance(known, Transient):
                    raise known from error
                budget.wait(known)

    def list(self, revision: str) -> tuple[str, list[RemoteFile]]:
        """The commit that the revision names now, and its files: one request, so both belong together."""
        settings = self.settings
        api = self.lib.HfApi(endpoint=settings.endpoint, token=settings.token or False)
        info = self.retried(
            lambda: api.model_info(settings.model, revision=revision, files_metadata=True, timeout=settings.timeout)
        )
        if not COMMIT.fullmatch(info.sha or ""):
            raise Failure("network", f"{settings.endpoint} named no commit for {settings.wanted}; check HF_ENDPOINT.")
        files = []
        for one in info.siblings or []:
            if not safe_path(one.rfilename):
                raise Failure("corrupt", f"{settings.page} lists a file name that is not a path in it: "
                              f"{one.rfilename!r}; nothing was written.")  # fmt: skip
            sha256 = getattr(one.lfs, "sha256", None) if one.lfs else None
            if one.size is None:
                files.append(self.retried(lambda name=one.rfilename: self.head(info.sha, name)))
            else:
                files.append(RemoteFile(one.rfilename, one.size, sha256, None if sha256 else one.blob_id))
        return info.sha, files

    def url(self, commit: str, path: str) -> str:
        return self.lib.hf_hub_url(self.settings.model, path, revision=commit, endpoint=self.settings.endpoint)

    def head(self, commit: str, path: str) -> RemoteFile:
        """For a mirror whose listing has no sizes."""
        meta = self.lib.get_hf_file_metadata(self.url(commit, path), token=self.settings.token or False)
        if meta.size is None:
            raise Failure("network", f"{self.settings.endpoint} does not tell the size of {path}; use another mirror.")
        etag = meta.etag or ""
        sha256 = etag if re.fullmatch(r"[0-9a-f]{64}", etag) else None
        return RemoteFile(path, meta.size, sha256, etag if COMMIT.fullmatch(etag) else None)

    @contextlib.contextmanager
    def get(self, url: str, start: int) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes]]]:
        """GET from byte `start` on: status, headers, body. The session is requests' before 1.0, httpx' since."""
        from huggingface_hub.utils import build_hf_headers, get_session

        headers = build_hf_headers(token=self.settings.token or False)
        headers["Accept-Encoding"] = "identity"
        if start:
            headers["Range"] = f"bytes={start}-"
        session = get_session()
        timeout = self.settings.timeout
        if callable(getattr(session, "stream", None)):  # requests has a flag of this name
            with session.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
                yield response.status_code, response.headers, response.iter_bytes(CHUNK)
        else:
            with session.get(url, headers=headers, timeout=timeout, stream=True) as response:
                yield response.status_code, response.headers, response.iter_content(CHUNK)


# --- checks of what lies on the disk --------------------------------------------------------------------------------


def safetensors_names(path: Path) -> set[str]:
    """The tensors of a safetensors file; raises Corrupt when header and size do not fit together.

    The format: https://huggingface.co/docs/safetensors/index#format
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else -1
        if not 0 < length <= min(SAFETENSORS_HEADER_LIMIT, size - 8):
            raise Corrupt(f"{path.name} is no whole safetensors file: {size} bytes, header of {length}")
        text = stream.read(length)
    try:
        header = json.loads(text) if text.startswith(b"{") else None
        if not isinstance(header, dict):
            raise ValueError("it is no JSON object")
        header.pop("__metadata__", None)
        spans = []
        for name, tensor in header.items():
            begin, stop = tensor["data_offsets"]
            bits = DTYPE_BITS.get(tensor["dtype"])
            count = 1
            for dimension in tensor["shape"]:
                count *= dimension
            if bits and count * bits != (stop - begin) * 8:
                raise ValueError(f"tensor {name} has {stop - begin} bytes for its shape")
            spans.append((begin, stop))
        at = 0
        for begin, stop in sorted(spans):
            if begin != at or stop < begin:
                raise ValueError(f"a hole or an overlap at byte {at}")
            at = stop
    except (ValueError, TypeError, KeyError, UnicodeDecodeError) as error:
        raise Corrupt(f"{path.name} has a broken safetensors header: {one_line(error)}") from error
    if 8 + length + at != size:
        raise Corrupt(f"{path.name} has {size} bytes, its safetensors header says {8 + length + at}")
    return set(header)


def check_contents(folder: Path, names: Iterable[str], excluded: Iterable[str] = ()) -> None:
    """Every safetensors header, and every index: its shards are there, and in them the tensors it lists.

    An index whose shards were all left out on purpose (`excluded`) is of no account.
    """
    present = set(names)
    left_out = set(excluded)
    weights = sorted(name for name in present if name.endswith(".safetensors"))
    tensors: dict[str, set[str]] = {}
    for number, name in enumerate(weights, 1):
        tensors[name] = safetensors_names(folder / name)
        if number % 50 == 0 or number == len(weights):
            say(f"verifying {number} of {len(weights)} files")
    for name in sorted(present):
        if not name.endswith(".index.json"):
            continue
        try:
            weight_map = json.loads((folder / name).read_bytes()).get("weight_map") or {}
            base = PurePosixPath(name).parent
            wanted = {tensor: str(base / shard) for tensor, shard in weight_map.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise Corrupt(f"{name} is no index of shards: {one_line(error)}") from error
        shards = set(wanted.values())
        if shards and shards <= left_out:
            continue
        missing = sorted(shards - present)
        if missing:
            raise Corrupt(f"{len(missing)} of {len(shards)} shards that {name} names are missing, first {missing[0]}")
        lost = sorted(tensor for tensor, shard in wanted.items() if shard in tensors and tensor not in tensors[shard])
        if lost:
            raise Corrupt(f"{len(lost)} tensors that {name} lists are not in their shards, first {lost[0]}")
    if not {"config.json", "params.json"} & present:
        raise Corrupt("config.json is missing")
    if not any(matches(name, WEIGHTS) for name in present):
        raise Corrupt("there are no weights (*.safetensors, *.bin, *.pt, *.pth, *.gguf)")


def hash_file(path: Path, file: RemoteFile, tick: Callable[[int], None] = lambda size: None) -> str:
    hasher = file.hasher()
    with path.open("rb") as stream:
        while data := stream.read(CHUNK):
            hasher.update(data)
            tick(len(data))
    return hasher.finish()


def plain_size(folder: Path, name: str) -> int:
    """The size of a regular file in the folder, -1 for anything else; symbolic links are not followed."""
    path = folder / name
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and path.parent.resolve() == (folder.resolve() / name).parent:
            return status.st_size
    return -1


# --- the volume -----------------------------------------------------------------------------------------------------


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # some network filesystems have no such sync
            raise
    finally:
        os.close(handle)


def write_json(path: Path, content: Any) -> None:
    """Whole or not at all: temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """The object in the file; {} where there is none that can be believed."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


class Volume:
    """The model's own folders on the volume. Nothing else is written, moved or removed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        owner, name = settings.model.split("/")
        self.served = settings.mount / owner / name
        self.state = settings.mount / STATE_FOLDER / owner / name
        self.adopted = self.state / "adopted"
        patterns = json.dumps([settings.allow, settings.ignore]).encode()
        self.suffix = hashlib.sha256(patterns).hexdigest()[:8]

    def prepare(self) -> None:
        """Makes the folders, and refuses links in them: a link could lead out of the volume."""
        for folder in (self.served.parent, self.state.parent.parent, self.state.parent, self.state):
            if folder.is_symlink():
                raise Failure("usage", f"{folder} is a symbolic link; the downloader keeps to real folders: remove it.")
            folder.mkdir(exist_ok=True)
        if self.served.is_symlink() and self.target() is None:
            raise Failure("usage", f"{self.served} is a symbolic link that the downloader did not make; remove it.")

    def target(self) -> Optional[str]:
        """The name of the snapshot that is served, if the served path is a link of ours."""
        if not self.served.is_symlink():
            return None
        link = os.readlink(self.served)
        own = self.link_text("")
        return link[len(own) :] if link.startswith(own) and "/" not in link[len(own) :] else None

    def link_text(self, snapshot: str) -> str:
        # relative, so that the link holds wherever the volume is mounted
        return os.path.join("..", STATE_FOLDER, *self.settings.model.split("/"), snapshot)

    def snapshot(self, commit: str) -> str:
        return f"{commit}.{self.suffix}"

    @property
    def revisions(self) -> Path:
        return self.state / "revisions.json"

    def marker(self, commit: str) -> dict[str, Any]:
        marker = read_json(self.state / f"{self.snapshot(commit)}.json")
        return marker if marker.get("commit") == commit and isinstance(marker.get("files"), list) else {}

    def wrong_size(self, folder: Path, marker: dict[str, Any]) -> Optional[str]:
        for one in marker["files"]:
            size = plain_size(folder, one["path"])
            if size != one["size"]:
                return f"{one['path']} has {size} bytes instead of {one['size']}" if size >= 0 else f"no {one['path']}"
        return None

    def switch(self, snapshot: str) -> None:
        """Makes the served path lead to the snapshot."""
        if self.target() == snapshot:
            return
        if self.served.exists() and not self.served.is_symlink():
            os.rename(self.served, self.adopted)
        link = self.state / "link.tmp"
        link.unlink(missing_ok=True)
        os.symlink(self.link_text(snapshot), link)
        os.replace(link, self.served)
        sync_folder(self.served.parent)

    def unserve(self) -> None:
        """Takes the served path away, so that nobody starts on what is known to be broken."""
        if self.target() is not None:
            self.served.unlink()
            sync_folder(self.served.parent)

    def remove(self, path: Path) -> None:
        if path.is_symlink() or path.is_file():
            path.unlink(missing_ok=True)
        elif path.exists():
            trash = path if path.name.startswith("trash-") else self.state / f"trash-{uuid.uuid4().hex[:8]}"
            if trash != path:
                os.rename(path, trash)
            shutil.rmtree(trash)

    def clean(self, keep: Iterable[str]) -> None:
        """Removes what killed runs and older revisions left: everything of ours but the snapshots to keep."""
        kept = {"lock", "lease", "kept", "adopted", "revisions.json"}
        for snapshot in keep:
            kept |= {snapshot, f"{snapshot}.json", f"{snapshot}.new", f"{snapshot}.parts"}
        for path in sorted(self.state.iterdir(), key=lambda path: path.suffix != ".json"):  # markers first
            if path.name not in kept:
                self.remove(path)


@contextlib.contextmanager
def locked(volume: Volume) -> Iterator[None]:
    """One downloader per model and volume. flock(2) ends with its process, however that ends."""
    path = volume.state / "lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o664)
    started = time.monotonic()
    said = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = one_line(os.pread(handle, 200, 0).decode(errors="replace")) or "another process"
            if time.monotonic() - started > volume.settings.retry_seconds:
                raise Failure("locked", f"{holder} is downloading {volume.settings.model} to this volume and did not "
                              f"end within {volume.settings.retry_seconds:g} s.") from None  # fmt: skip
            if not said:
                say(f"waiting for {holder}, which is downloading to this volume")
                said = True
            time.sleep(0.5)
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{socket.gethostname()} (process {os.getpid()})".encode(), 0)
    try:
        yield
    finally:
        os.close(handle)


# --- download -------------------------------------------------------------------------------------------------------


class Progress:
    """Bytes that are there, and one line about them every few seconds."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.lock = threading.Lock()
        self.samples: list[tuple[float, int]] = []

    def add(self, size: int) -> None:
        with self.lock:
            self.done += size

    def line(self) -> str:
        now, done = time.monotonic(), self.done
        self.samples = [*self.samples[-12:], (now, done)]
        since, before = self.samples[0]
        rate = max(0.0, (done - before) / (now - since)) if now > since else 0.0
        unit, factor = next(((u, f) for u, f in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)) if self.total >= f), ("B", 1.0))
        left = f"{time_text((self.total - done) / rate)} left" if rate else "time left unknown"
        percent = 100 * done // max(1, self.total)
        return (f"downloading {done / factor:.1f} of {self.total / factor:.1f} {unit} ({percent} %), "
                f"{size_text(rate)}/s, {left}")  # fmt: skip


class Download:
    """One snapshot in the making."""

    def __init__(self, volume: Volume, hub: Hub, commit: str, files: list[RemoteFile]) -> None:
        self.volume = volume
        self.settings = volume.settings
        self.hub = hub
        self.commit = commit
        self.files = files
        snapshot = volume.snapshot(commit)
        self.new = volume.state / f"{snapshot}.new"
        self.parts = volume.state / f"{snapshot}.parts"
        self.progress = Progress(sum(file.size for file in files))
        self.hashes: dict[str, str] = {}

    def part(self, file: RemoteFile) -> Path:
        return self.parts / hashlib.sha256(file.path.encode()).hexdigest()[:32]

    def run(self) -> None:
        for folder in (self.new, self.parts):
            folder.mkdir(exist_ok=True)
        hashes = read_json(self.parts / "hashes.json")
        todo = []
        for file in self.files:
            if plain_size(self.new, file.path) == file.size and file.path in hashes:
                self.hashes[file.path] = hashes[file.path]
                self.progress.add(file.size)
            else:
                todo.append(file)
        self.check_space(todo)
        if todo:
            say(self.progress.line())
        with concurrent.futures.ThreadPoolExecutor(self.settings.workers) as pool:
            # the largest first, so that the last minutes are not spent on one big file alone
            waiting = {pool.submit(self.fetch, file) for file in sorted(todo, key=lambda file: -file.size)}
            while waiting:
                done, waiting = concurrent.futures.wait(
                    waiting, self.settings.progress_seconds, concurrent.futures.FIRST_EXCEPTION
                )
                for one in done:
                    if one.exception():
                        raise one.exception()  # type: ignore[misc]
                if waiting:
                    say(self.progress.line())

    def check_space(self, todo: list[RemoteFile]) -> None:
        missing = sum(file.size - max(0, min(file.size, plain_size(self.parts, self.part(file).name))) for file in todo)
        space = os.statvfs(self.settings.mount)
        free = space.f_bavail * space.f_frsize
        if missing and missing + FREE_SPACE_MARGIN > free:
            size = size_text(space.f_blocks * space.f_frsize)
            raise Failure("disk-full", f"No space left on {self.settings.mount} for {self.settings.wanted}: "
                          f"{size_text(missing)} are to be downloaded, {size_text(free)} of {size} are free; "
                          "enlarge the claim or remove models.")  # fmt: skip

    def fetch(self, file: RemoteFile) -> None:
        """Downloads one file, resuming, until its bytes are the right ones, and moves it among the verified."""
        budget = Budget(self.settings)
        best = corrupt = 0
        part = self.part(file)
        while True:
            try:
                digest = self.attempt(file, part)
                break
            except Exception as error:
                known = classify(error, self.settings)
                if isinstance(known, Corrupt):
                    corrupt += 1
                    part.unlink(missing_ok=True)
                    if corrupt >= CORRUPT_ATTEMPTS:
                        raise Failure("corrupt", f"{known}, {corrupt} times in a row; the source or a proxy on the "
                                      "way alters it.") from error  # fmt: skip
                    known = Transient(str(known))
                if not isinstance(known, Transient):
                    raise known from error
                have = max(0, plain_size(self.parts, part.name))
                if have > best:
                    best = have
                    budget.progress()
                budget.wait(known)
        target = self.new / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, target)
        sync_folder(target.parent)
        with self.progress.lock:
            self.hashes[file.path] = digest
            write_json(self.parts / "hashes.json", self.hashes)

    def attempt(self, file: RemoteFile, part: Path) -> str:
        hasher = file.hasher()
        counted = 0

        def count(size: int) -> None:
            nonlocal counted
            counted += size
            self.progress.add(size)

        try:
            with part.open("ab+") as stream:
                if stream.tell() > file.size:
                    stream.truncate(0)
                stream.seek(0)
                while data := stream.read(CHUNK):
                    hasher.update(data)
                    count(len(data))
                if counted < file.size or not file.size:
                    with self.hub.get(self.hub.url(self.commit, file.path), counted) as (status, headers, body):
                        if status == 416 or (status == 206 and not self.continues(headers, counted, file.size)):
                            raise Corrupt(f"{file.path}: the answer to a resumed request does not continue the file")
                        if status not in (200, 206):
                            raise classify_status(status, headers, self.settings)
                        if status == 200 and counted:  # Range was ignored: this is the file from its start
                            hasher = file.hasher()
                            count(-counted)
                            stream.truncate(0)
                        for data in body:
                            if counted + len(data) > file.size:
                                raise Corrupt(f"{file.path} came with more than its {file.size} bytes")
                            stream.write(data)
                            hasher.update(data)
                            count(len(data))
                if counted < file.size:
                    raise Transient(f"{file.path} ended after {counted} of {file.size} bytes")
                digest = hasher.finish()
                stream.flush()
                os.fsync(stream.fileno())
                return digest
        except BaseException:
            self.progress.add(-counted)
            raise

    @staticmethod
    def continues(headers: Mapping[str, str], start: int, size: int) -> bool:
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", headers.get("Content-Range", ""))
        return bool(found) and int(found[1]) == start and found[3] in ("*", str(size))

    def publish(self, excluded: Iterable[str]) -> None:
        """Checks the whole, then marker, then switch."""
        try:
            check_contents(self.new, [file.path for file in self.files], excluded)
        except Corrupt as error:
            raise Failure("corrupt", f"{self.settings.model}@{self.commit[:12]} is not whole at its source: {error}; "
                          "choose another revision or other patterns.") from error  # fmt: skip
        snapshot = self.volume.snapshot(self.commit)
        final = self.volume.state / snapshot
        self.volume.remove(final)
        os.rename(self.new, final)
        sync_folder(self.volume.state)
        marker = {
            "commit": self.commit,
            "excluded": sorted(excluded),
            "files": [
                {"path": file.path, "size": file.size, "sha256": self.hashes[file.path], "blob": file.blob}
                for file in self.files
            ],
            "huggingface_hub": self.hub.version,
            "model": self.settings.model,
            "tool": f"model-downloader {VERSION}",
            "written": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }
        write_json(self.volume.state / f"{snapshot}.json", marker)
        self.volume.switch(snapshot)


# --- the run --------------------------------------------------------------------------------------------------------


def complete(settings: Settings, commit: str, files: list[dict[str, Any]]) -> None:
    total = sum(one["size"] for one in files)
    say(f"complete {settings.model}@{commit[:12]} {size_text(total)}")


def serve_recorded(volume: Volume, commit: str) -> bool:
    """Serves the snapshot that a marker vouches for, after the checks that MODEL_VERIFY asks for. No Hub is needed."""
    marker = volume.marker(commit)
    if not marker:
        return False
    folder = volume.state / volume.snapshot(commit)
    problem = volume.wrong_size(folder, marker)
    try:
        if not problem and volume.settings.verify in ("headers", "full"):
            check_contents(folder, [one["path"] for one in marker["files"]], marker.get("excluded", []))
        if not problem and volume.settings.verify == "full":
            for number, one in enumerate(marker["files"], 1):
                hash_file(folder / one["path"], RemoteFile(one["path"], one["size"], one["sha256"], None))
                say(f"verifying {number} of {len(marker['files'])} files")
    except Corrupt as error:
        problem = str(error)
    if problem:
        say(f"the model on the volume is damaged: {problem}; repairing")
        return False
    volume.switch(volume.snapshot(commit))
    return True


def salvage(volume: Volume, download: Download, folder: Path) -> None:
    """Takes over the files of a folder that are, by their hash, files of the commit. The rest stays where it is."""
    found = [
        file for file in download.files if (file.sha256 or file.blob) and plain_size(folder, file.path) == file.size
    ]
    for number, file in enumerate(found, 1):
        source = folder / file.path
        say(f"verifying {number} of {len(found)} files")
        try:
            digest = hash_file(source, file)
        except Corrupt as error:
            say(f"{error}; it is downloaded anew")
            continue
        target = download.new / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
        download.parts.mkdir(exist_ok=True)
        hashes = read_json(download.parts / "hashes.json")
        write_json(download.parts / "hashes.json", {**hashes, file.path: digest})


def run(settings: Settings) -> None:
    volume = Volume(settings)
    volume.prepare()
    with locked(volume):
        recorded = read_json(volume.revisions)
        commit = settings.revision if COMMIT.fullmatch(settings.revision) else recorded.get(settings.revision, "")
        if not (COMMIT.fullmatch(commit) and serve_recorded(volume, commit)):
            commit = fetch_model(volume, recorded, commit)
        volume.clean([volume.snapshot(commit)])
        complete(settings, commit, volume.marker(commit)["files"])


def fetch_model(volume: Volume, recorded: dict[str, Any], commit: str) -> str:
    settings = volume.settings
    if settings.offline:
        raise offline(settings)
    hub = Hub(settings)
    commit, listed = hub.list(commit or settings.revision)
    files = select(listed, settings.allow, settings.ignore)
    write_json(volume.revisions, {**recorded, settings.revision: commit})
    say(f"{settings.wanted} is commit {commit}: {len(files)} of {len(listed)} files, "
        f"{size_text(sum(file.size for file in files))}")  # fmt: skip
    snapshot = volume.snapshot(commit)
    served = volume.target()
    volume.clean([snapshot] + ([served] if served else []))
    download = Download(volume, hub, commit, files)
    download.new.mkdir(exist_ok=True)
    final = volume.state / snapshot
    if final.is_dir():  # damaged, or never marked: its files count by their hashes only
        if served == snapshot:
            volume.unserve()
        (volume.state / f"{snapshot}.json").unlink(missing_ok=True)
        salvage(volume, download, final)
        volume.remove(final)
    if volume.served.is_dir() and not volume.served.is_symlink():
        say(f"adopting {volume.served}, which another tool filled")
        volume.remove(volume.adopted)
        os.rename(volume.served, volume.adopted)
    if volume.adopted.is_dir():
        salvage(volume, download, volume.adopted)
        volume.remove(volume.adopted)
    download.run()
    chosen = {file.path for file in files}
    download.publish([file.path for file in listed if file.path not in chosen])
    volume.remove(download.parts)
    return commit


def verify_existing(settings: Settings) -> None:
    """MODEL_SOURCE=existing: nothing is downloaded or written; what is there is verified all the same.

    The hashes are those that this downloader or `hf download --local-dir` recorded beside the files.
    """
    volume = Volume(settings)
    folder = volume.served.resolve()
    if not folder.is_dir() or settings.mount.resolve() not in folder.parents:
        raise Failure("not-found", f"{volume.served} is no folder on the volume, and MODEL_SOURCE=existing downloads "
                      "nothing; put the model there.")  # fmt: skip
    marker = read_json(folder.with_name(f"{folder.name}.json")) if volume.target() else {}
    records = {
        one["path"]: RemoteFile(one["path"], one["size"], one["sha256"], None) for one in marker.get("files", [])
    }
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    names = [name for name in names if not name.startswith(".cache/")]
    commits = {marker["commit"]} if marker else set()
    for name in [] if marker else names:
        note = folder / ".cache" / "huggingface" / "download" / f"{name}.metadata"
        commit, etag = ([*note.read_text().split("\n"), ""] if note.is_file() else ["", ""])[:2]
        commits |= {commit} - {""}
        sha256 = etag if re.fullmatch(r"[0-9a-f]{64}", etag) else None
        size = (folder / name).stat().st_size
        records[name] = RemoteFile(name, size, sha256, etag if COMMIT.fullmatch(etag) else None)
    if COMMIT.fullmatch(settings.revision) and commits and commits != {settings.revision}:
        raise Failure("not-found", f"{volume.served} holds commit {', '.join(sorted(commits))} and not "
                      f"{settings.revision}, and MODEL_SOURCE=existing downloads nothing.")  # fmt: skip
    try:
        problem = volume.wrong_size(folder, marker) if marker else None
        if problem:
            raise Corrupt(problem)
        check_contents(folder, names, marker.get("excluded", []))
        if settings.verify == "full":
            for number, file in enumerate(records.values(), 1):
                hash_file(folder / file.path, file)
                say(f"verifying {number} of {len(records)} files")
    except Corrupt as error:
        raise Failure("corrupt", f"{volume.served}: {error}; MODEL_SOURCE=existing repairs nothing: "
                      "copy the model to the volume anew.") from error  # fmt: skip
    files = [{"size": (folder / name).stat().st_size} for name in names]
    complete(settings, commits.pop() if len(commits) == 1 else "existing", files)


def main() -> None:
    secrets = [os.environ.get(name, "").strip() for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")]
    sys.stdout = Redacted(sys.stdout, secrets)  # type: ignore[assignment]
    sys.stderr = Redacted(sys.stderr, secrets)  # type: ignore[assignment]

    def stop(number: int, _frame: object) -> None:
        say(f"stopped by {signal.Signals(number).name}; what is not whole is not served, the next start goes on")
        end(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    os.umask(0o002)  # OpenShift gives a pod a random user of group 0
    os.environ.update(HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_TELEMETRY="1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    settings = None
    try:
        settings = read_settings(os.environ)
        if settings.source == "existing":
            verify_existing(settings)
        else:
            run(settings)
    except BaseException as error:
        known = classify(error, settings) if settings else error
        if not isinstance(known, Failure):
            traceback.print_exc()
            known = Failure("internal", f"{type(error).__name__}: {one_line(error)}; please report this.")
        say(f"error: {known.name}: {known.sentence}")
        end(EXIT_CODES[known.name])
    end(0)


if __name__ == "__main__":
    main()
