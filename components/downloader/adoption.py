"""Files that are on the volume already and need not be downloaded again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from checks import hash_file, plain_size
from failures import Corrupt
from files import RemoteFile
from output import say
from snapshot import Download
from volume import Volume, read_marker


def salvage(download: Download, folder: Path) -> None:
    """Takes over the files of a folder that are, by their hash, files of the commit. The rest stays where it is."""
    files = [file for file in download.files if file.sha256 or file.blob]
    found = [file for file in files if plain_size(folder, file.path) == file.size]
    for number, file in enumerate(found, 1):
        say(f"verifying {number} of {len(found)} files")
        try:
            digest = hash_file(folder / file.path, file)
        except Corrupt as error:
            say(f"{error}; it is downloaded anew")
            continue
        download.accept(file, folder / file.path, digest)


def reuse(download: Download) -> None:
    """Takes files that another complete snapshot of the model has already: a second name, not a second copy."""
    volume = download.volume
    for path in sorted(volume.state.glob("*.*.json")):
        marker = read_marker(path)
        known = {(one["sha256"], one["size"]): one["path"] for one in marker.get("files", [])}
        known |= {(one["blob"], one["size"]): one["path"] for one in marker.get("files", []) if one.get("blob")}
        for file in download.files:
            name = known.get((file.sha256 or file.blob, file.size))
            if name is None or file.path in download.hashes or plain_size(path.with_suffix(""), name) != file.size:
                continue
            link = download.parts / "link.tmp"
            link.unlink(missing_ok=True)
            try:
                os.link(path.with_suffix("") / name, link)
            except OSError:
                return  # a filesystem without hard links
            sha256 = next(one["sha256"] for one in marker["files"] if one["path"] == name)
            download.accept(file, link, sha256)


def adopt(download: Download, listed: list[RemoteFile]) -> None:
    """A folder at the served path that another tool filled: what is of the commit is used, the rest put aside."""
    volume = download.volume
    if volume.served.is_dir() and not volume.served.is_symlink() and not volume.adopted.exists():
        say(f"adopting {volume.served}, which another tool filled; nothing in it is trusted before it is verified")
        os.rename(volume.served, volume.adopted)
    if not volume.adopted.is_dir():
        return
    salvage(download, volume.adopted)
    put_aside(volume, {file.path for file in listed})


def put_aside(volume: Volume, names: Iterable[str]) -> None:
    """Removes the adopted folder; what is not of the model, whose files have these names, is kept elsewhere."""
    known = set(names)
    for root, _, files in os.walk(volume.adopted):
        for name in files:
            relative = os.path.relpath(os.path.join(root, name), volume.adopted)
            if relative not in known and not relative.startswith((".cache/", ".huggingface/")):
                volume.keep(volume.adopted / relative, relative)
    volume.remove(volume.adopted)
