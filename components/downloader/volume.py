"""The model's own folders on the volume."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Optional

from checks import plain_size
from failures import Failure
from output import say, size_text
from settings import Settings

STATE_FOLDER = ".model-downloader"


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


def read_marker(path: Path) -> dict[str, Any]:
    """The marker in the file; {} where it is none that can be believed."""
    marker = read_json(path)
    files = marker.get("files")
    kinds = {"path": str, "size": int, "sha256": str}
    whole = (
        isinstance(marker.get("commit"), str)
        and isinstance(marker.get("excluded", []), list)
        and isinstance(files, list)
        and all(isinstance(one, dict) for one in files)
        and all(isinstance(one.get(name), kind) for one in files for name, kind in kinds.items())
    )
    return marker if whole and files else {}


class Volume:
    """The model's own folders on the volume. Nothing else is written, moved or removed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        if not settings.mount.is_dir():
            raise Failure(
                "usage", f"'MODELS_PATH' ({settings.mount}) must be a folder that exists; mount a claim there."
            )
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
        marker = read_marker(self.state / f"{self.snapshot(commit)}.json")
        return marker if marker.get("commit") == commit else {}

    def wrong_size(self, folder: Path, marker: dict[str, Any]) -> Optional[str]:
        for one in marker["files"]:
            size = plain_size(folder, one["path"])
            if size != one["size"]:
                return f"{one['path']} has {size} bytes instead of {one['size']}" if size >= 0 else f"no {one['path']}"
        return None

    def other_models(self) -> list[str]:
        """Other models on the volume with what their markers say that they take."""
        found: dict[str, int] = {}
        for path in self.state.parent.parent.glob("*/*/*.json"):
            marker = read_marker(path)
            if marker and path.parent != self.state:
                name = str(marker.get("model"))
                found[name] = found.get(name, 0) + sum(one["size"] for one in marker["files"])
        return [f"{name} {size_text(size)}" for name, size in sorted(found.items())]

    def switch(self, snapshot: str) -> None:
        """Makes the served path lead to the snapshot."""
        if self.target() == snapshot:
            return
        if self.served.exists() and not self.served.is_symlink():
            self.keep(self.served, f"{self.served.name}-{uuid.uuid4().hex[:8]}")
        link = self.state / "link.tmp"
        link.unlink(missing_ok=True)
        os.symlink(self.link_text(snapshot), link)
        os.replace(link, self.served)
        sync_folder(self.served.parent)

    def forget(self, commit: str) -> None:
        """Takes marker and served path away, so that nobody starts on what is known to be broken."""
        (self.state / f"{self.snapshot(commit)}.json").unlink(missing_ok=True)
        sync_folder(self.state)
        if self.target() == self.snapshot(commit):
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

    def keep(self, path: Path, name: str) -> None:
        """Puts aside what is not ours to remove."""
        target = self.state / "kept" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
        say(f"{name} is not of the model; kept in {self.state / 'kept'}")

    def clean(self, complete: Iterable[str], unfinished: str = "") -> None:
        """Removes what killed runs and older revisions left: everything of ours but the snapshots that are named."""
        kept = {"lock", "lease", "kept", "revisions.json"}
        for snapshot in complete:
            kept |= {snapshot, f"{snapshot}.json"}
        if unfinished:
            kept |= {"adopted", f"{unfinished}.new", f"{unfinished}.parts"}
        for path in sorted(self.state.iterdir(), key=lambda path: path.suffix != ".json"):  # markers first
            if path.name not in kept:
                self.remove(path)
        # what a killed download of an older deployment left in the client's cache, if that is on the volume
        home = Path(os.environ.get("HF_HOME", "/"))
        blobs = home / "hub" / ("models--" + self.settings.model.replace("/", "--")) / "blobs"
        if self.settings.mount in home.parents and blobs.resolve() == blobs:
            for path in blobs.glob("*.incomplete"):
                path.unlink(missing_ok=True)
