"""MODEL_SOURCE=existing: a model that somebody else put on the volume."""

from __future__ import annotations

import re

from checks import check_contents, hash_file
from failures import Corrupt, Failure
from files import COMMIT, RemoteFile
from output import complete, say
from settings import Settings
from volume import Volume, read_marker


def verify_existing(settings: Settings) -> None:
    """MODEL_SOURCE=existing: nothing is downloaded or written; what is there is verified all the same.

    The hashes are those that this downloader or `hf download --local-dir` recorded beside the files.
    """
    volume = Volume(settings)
    folder, mount = volume.served.resolve(), settings.mount.resolve()
    if not folder.is_dir() or mount not in folder.parents:
        raise Failure("not-found", f"{volume.served} is no folder on the volume, and MODEL_SOURCE=existing downloads "
                      "nothing; put the model there.")  # fmt: skip
    marker = read_marker(folder.with_name(f"{folder.name}.json")) if volume.target() else {}
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
        for name in names:
            if mount not in (folder / name).resolve().parents:
                raise Corrupt(f"{name} is a link that leads out of the volume")
        check_contents(folder, names, marker.get("excluded", []), settings.config)
        if settings.verify == "full":
            for number, file in enumerate(records.values(), 1):
                say(f"verifying {number} of {len(records)} files")
                hash_file(folder / file.path, file)
    except Corrupt as error:
        raise Failure("corrupt", f"{volume.served}: {error}; MODEL_SOURCE=existing repairs nothing: "
                      "copy the model to the volume anew.") from error  # fmt: skip
    size = sum((folder / name).stat().st_size for name in names)
    complete(settings.model, commits.pop() if len(commits) == 1 else "existing", size)
