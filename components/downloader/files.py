"""The files of a commit: which of them are needed, and how their bytes are known to be the right ones."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

from failures import Corrupt

COMMIT = re.compile(r"[0-9a-f]{40}")
WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.gguf")
# What vLLM never reads, whatever else the repository has.
NEVER = (".gitattributes", "*.md", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.pdf", "*.onnx", "*.onnx_data",
         "*.h5", "*.msgpack", "*.tflite", "*.ot", "*.mlpackage/*", "*.mlmodel", "onnx/*", "openvino/*", "coreml/*",
         "runs/*", ".cache/*", "*.tar.gz", "*.zip")  # fmt: skip
# The same weights a second time, beside safetensors: original/ (Llama), metal/ (gpt-oss), consolidated (Mistral).
DUPLICATES = ("original/*", "metal/*", "*.bin", "*.bin.index.json", "*.pt", "*.pth", "*.gguf")
CONSOLIDATED = ("consolidated*",)


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
            raise Corrupt(f"{self.file.path} has sha256 {digest[:12]}…, the Hub lists {self.file.sha256[:12]}…")
        if self.git and self.git.hexdigest() != self.file.blob:
            raise Corrupt(f"{self.file.path} has another git hash than the Hub lists ({str(self.file.blob)[:12]}…)")
        return digest


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Globs as huggingface_hub reads them: `*` also crosses folders, a trailing slash means everything below."""
    return any(fnmatch.fnmatchcase(path, glob + "*" if glob.endswith("/") else glob) for glob in patterns)


def select(files: Iterable[RemoteFile], allow: tuple[str, ...], ignore: tuple[str, ...]) -> list[RemoteFile]:
    """The files that vLLM needs: what the settings allow and neither they nor the built-in lists leave out.

    A glob of the built-in lists counts for nothing once `allow` names it, or something that it covers.
    """
    listed = list(files)
    built_in: tuple[str, ...] = NEVER
    safetensors = [file.path for file in listed if "/" not in file.path and file.path.endswith(".safetensors")]
    if safetensors:
        built_in += DUPLICATES
    if any(not matches(path, CONSOLIDATED) for path in safetensors):
        built_in += CONSOLIDATED
    left_out = ignore + tuple(glob for glob in built_in if not any(matches(wish, [glob]) for wish in allow))
    return [file for file in listed if (not allow or matches(file.path, allow)) and not matches(file.path, left_out)]


def safe_path(path: str) -> bool:
    """A name that stays inside the folder it is written to."""
    plain = path.isprintable() and "\\" not in path
    return plain and bool(path) and all(part not in ("", ".", "..") for part in path.split("/"))
