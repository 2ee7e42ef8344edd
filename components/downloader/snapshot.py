"""A snapshot in the making: download, verification, marker, switch."""

from __future__ import annotations

import concurrent.futures
import datetime
import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Optional

from checks import CHUNK, check_contents, hash_file, plain_size
from failures import Corrupt, Failure, RefusedLink, Transient, classify, classify_status, fail
from files import RemoteFile
from hub import Budget, Hub
from output import Progress, one_line, say, size_text, time_text
from volume import Volume, read_json, sync_folder, write_json

VERSION = "1"
CORRUPT_ATTEMPTS = 3
FREE_SPACE_MARGIN = 16 << 20


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
        self.xet = hub.has_xet()
        self.xet_running = 0
        self.xet_seen = (0, 0)
        self.xet_since = time.monotonic()

    def part(self, file: RemoteFile) -> Path:
        return self.parts / hashlib.sha256(file.path.encode()).hexdigest()[:32]

    def prepare(self) -> None:
        """Makes the folders and reads which files an earlier run has verified already."""
        for folder in (self.new, self.parts):
            folder.mkdir(exist_ok=True)
        # What a killed Xet transfer has left has a random name: no other resumes it, and it would fill the volume.
        for orphan in self.parts.glob("xet-*"):
            shutil.rmtree(orphan, ignore_errors=True)
        verified = read_json(self.parts / "hashes.json")
        for file in self.files:
            if file.path in verified and plain_size(self.new, file.path) == file.size:
                self.hashes[file.path] = verified[file.path]

    def accept(self, file: RemoteFile, source: Path, sha256: str) -> None:
        """Moves a verified file into the snapshot in the making."""
        target = self.new / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
        sync_folder(target.parent)
        with self.progress.lock:
            self.hashes[file.path] = sha256
            write_json(self.parts / "hashes.json", self.hashes)

    def run(self) -> None:
        """Downloads what is not verified yet, several files at once, and tells how far it is."""
        todo = [file for file in self.files if file.path not in self.hashes]
        self.progress.add(sum(file.size for file in self.files if file.path in self.hashes))
        self.check_space(todo)
        if todo:
            say(self.progress.line())
        with concurrent.futures.ThreadPoolExecutor(self.settings.workers) as pool:
            # the largest first, so that the last minutes are not spent on one big file alone
            waiting = {pool.submit(self.fetch, file) for file in sorted(todo, key=lambda file: -file.size)}
            try:
                while waiting:
                    done, waiting = concurrent.futures.wait(
                        waiting, self.settings.progress_seconds, concurrent.futures.FIRST_EXCEPTION
                    )
                    for one in done:
                        one.result()
                    if waiting:
                        arriving = sum(path.stat().st_blocks * 512 for path in self.parts.glob("xet-*/**/*.incomplete"))
                        say(self.progress.line(arriving))
                        self.watch_xet(arriving)
            except BaseException as error:
                fail(error, self.settings)  # leaving the pool would wait for its threads

    def watch_xet(self, arriving: int) -> None:
        """hf_xet has no time-out that we could set, and a thread cannot be stopped: begin anew without it."""
        seen = (self.progress.done, arriving)
        if seen != self.xet_seen:
            self.xet_seen, self.xet_since = seen, time.monotonic()
        if self.xet_running and time.monotonic() - self.xet_since > 4 * self.settings.timeout:
            say(f"nothing arrived through Xet for {time_text(4 * self.settings.timeout)}; starting again without it")
            os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "HF_HUB_DISABLE_XET": "1"})

    def through_xet(self, file: RemoteFile, part: Path) -> Optional[str]:
        """The file through huggingface_hub's own download, which speaks Xet; None when that is not to be had."""
        if not (self.xet and file.sha256) or plain_size(self.parts, part.name) > 0:
            return None
        folder = self.parts / f"xet-{part.name}"
        try:
            if not self.hub.in_xet(self.commit, file.path):
                return None
            with self.progress.lock:
                self.xet_running += 1
            try:
                source = self.hub.xet_download(self.commit, file.path, folder)
            finally:
                with self.progress.lock:
                    self.xet_running -= 1
            digest = hash_file(source, file)
            with source.open("rb") as stream:
                os.fsync(stream.fileno())
            os.replace(source, part)
            self.progress.add(file.size, True)
            return digest
        except Exception as error:  # whatever it is: plain HTTP reports what really stands in the way
            if self.xet:
                say(f"Xet does not work here ({one_line(error, 160)}); going on over plain HTTP")
            self.xet = False
            return None
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def check_space(self, todo: list[RemoteFile]) -> None:
        """Before the first byte: what is missing must fit."""
        there = sum(min(file.size, max(0, plain_size(self.parts, self.part(file).name))) for file in todo)
        missing = sum(file.size for file in todo) - there
        space = os.statvfs(self.settings.mount)
        free = space.f_bavail * space.f_frsize
        if not missing or missing + FREE_SPACE_MARGIN <= free:
            return
        size = size_text(space.f_blocks * space.f_frsize)
        others = ", ".join(self.volume.other_models())
        raise Failure(
            "disk-full",
            f"No space left on device: {self.settings.wanted} needs {size_text(missing)} more, {size_text(free)} of "
            f"{size} are free on {self.settings.mount}; enlarge the claim"
            + (f", or remove another model from it ({others})." if others else "."),
        )

    def fetch(self, file: RemoteFile) -> None:
        """Downloads one file, resuming, until its bytes are the right ones, and accepts it."""
        budget = Budget(self.settings)
        best = corrupt = refused = 0
        part = self.part(file)
        while True:
            try:
                digest = self.through_xet(file, part) or self.attempt(file, part)
                size = plain_size(self.parts, part.name)  # the hash is of what came, not of what others wrote beside it
                if size != file.size:
                    raise Corrupt(f"{file.path} has {size} instead of {file.size} bytes on the volume")
                break
            except Exception as error:
                known = classify(error, self.settings)
                if isinstance(known, Corrupt):
                    corrupt += 1
                    part.unlink(missing_ok=True)
                    if corrupt >= CORRUPT_ATTEMPTS:
                        sentence = f"{known}, {corrupt} times in a row; the source, or a proxy on the way, alters it."
                        raise Failure("corrupt", sentence) from error
                    known = Transient(str(known))
                have = max(0, plain_size(self.parts, part.name))
                if have > best:
                    best, refused = have, 0
                    budget.progress()
                if isinstance(known, RefusedLink) and not refused:  # a link lives for an hour: the next one may do
                    refused = 1
                    say(f"{known.sentence} Asking for a new link")
                    continue
                if not isinstance(known, Transient):
                    raise known from error
                budget.wait(known)
        self.accept(file, part, digest)

    def attempt(self, file: RemoteFile, part: Path) -> str:
        hasher = file.hasher()
        counted = 0

        def count(size: int, received: bool = True) -> None:
            nonlocal counted
            counted += size
            self.progress.add(size, received)

        try:
            with part.open("ab+") as stream:
                if stream.tell() > file.size:
                    stream.truncate(0)
                stream.seek(0)
                while data := stream.read(CHUNK):
                    hasher.update(data)
                    count(len(data), False)
                if counted < file.size or not file.size:
                    asked = self.hub.get(self.hub.url(self.commit, file.path), counted)
                    with asked as (status, headers, body, storage):
                        if status == 416 or (status == 206 and not self.continues(headers, counted, file.size)):
                            raise Corrupt(f"{file.path}: the answer to a resumed request does not continue the file")
                        if status not in (200, 206):
                            raise classify_status(status, headers, self.settings, storage)
                        length = headers.get("Content-Length")
                        if status == 200 and length not in (None, str(file.size)) and "Content-Encoding" not in headers:
                            raise Corrupt(f"{file.path} comes with {length} instead of {file.size} bytes")
                        if status == 200 and counted:  # Range was ignored: this is the file from its start
                            hasher = file.hasher()
                            count(-counted, False)
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
        return found is not None and int(found[1]) == start and found[3] in ("*", str(size))

    def publish(self, excluded: Iterable[str]) -> None:
        """Checks the whole, then marker, then switch."""
        for file in self.files:
            if plain_size(self.new, file.path) != file.size:
                raise Failure("corrupt", f"{file.path} was changed by another process after its download; "
                              "the next start downloads it again.")  # fmt: skip
        try:
            check_contents(self.new, [file.path for file in self.files], excluded, self.settings.config)
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
