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
MODEL_ALLOW_PATTERNS and MODEL_IGNORE_PATTERNS (one glob a line), MODEL_ADAPTERS (one owner/name@revision a line: each is
served beside the model, at a path and in a state of its own), MODEL_SOURCE (hub | existing), MODEL_RETRY_SECONDS,
MODEL_PROGRESS_SECONDS, MODEL_WORKERS, HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT,
HF_HUB_DISABLE_XET (1: plain HTTP, also for files in Xet storage), HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE or
REQUESTS_CA_BUNDLE.

The last line of a failure is `model-downloader: error: <name>: <sentence>`; EXIT_CODES has the exit code of each name.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import urllib.parse
from typing import Any, NoReturn, Optional

from adoption import adopt, put_aside, reuse, salvage
from checks import check_contents, hash_file
from existing import verify_existing
from failures import EXIT_CODES, Corrupt, Failure, fail, offline
from files import COMMIT, RemoteFile, select
from hub import Hub
from lock import Lock
from output import Redacted, complete, end, say, size_text
from settings import Settings, read_settings
from snapshot import Download
from volume import Volume, read_json, write_json


def serve_recorded(volume: Volume, commit: str) -> bool:
    """Serves the snapshot that a marker vouches for, after the checks that MODEL_VERIFY asks for. No Hub is needed."""
    marker = volume.marker(commit)
    if not marker:
        return False
    folder = volume.state / volume.snapshot(commit)
    problem = volume.wrong_size(folder, marker)
    try:
        if not problem and volume.settings.verify in ("headers", "full"):
            check_contents(folder, [one["path"] for one in marker["files"]], marker.get("excluded", []),
                           volume.settings.config)  # fmt: skip
        if not problem and volume.settings.verify == "full":
            for number, one in enumerate(marker["files"], 1):
                say(f"verifying {number} of {len(marker['files'])} files")
                hash_file(folder / one["path"], RemoteFile(one["path"], one["size"], one["sha256"], None))
    except Corrupt as error:
        problem = str(error)
    if problem:
        say(f"the model on the volume is damaged: {problem}; repairing")
        volume.forget(commit)
        return False
    volume.switch(volume.snapshot(commit))
    return True


def run(settings: Settings) -> None:
    volume = Volume(settings)
    volume.prepare()
    Lock(volume).acquire()  # held until the process ends
    recorded = read_json(volume.revisions)
    pinned = bool(COMMIT.fullmatch(settings.revision))
    commit = settings.revision if pinned else str(recorded.get(settings.revision, ""))
    if COMMIT.fullmatch(commit) and serve_recorded(volume, commit):
        if not pinned:
            say(f"{settings.wanted} stays commit {commit[:12]}, to which it was resolved at the first download")
    else:
        commit = fetch_model(volume, recorded, commit)
    marker = volume.marker(commit)
    if volume.adopted.is_dir():  # a run was killed in the middle of an adoption, and this one needed none
        put_aside(volume, [*(one["path"] for one in marker["files"]), *marker.get("excluded", [])])
    volume.clean([volume.snapshot(commit)])
    complete(settings.model, commit, sum(one["size"] for one in marker["files"]))


def resolve(hub: Hub, settings: Settings, commit: str) -> tuple[str, list[RemoteFile]]:
    if commit and commit != settings.revision:
        try:
            return hub.list(commit)
        except Failure as error:
            if error.name != "not-found":
                raise
            say(f"commit {commit[:12]}, to which {settings.wanted} was resolved earlier, is gone; resolving anew")
    return hub.list(settings.revision)


def fetch_model(volume: Volume, recorded: dict[str, Any], commit: str) -> str:
    settings = volume.settings
    if settings.offline:
        raise offline(settings)
    hub = Hub(settings)
    commit, listed = resolve(hub, settings, commit)
    files = select(listed, settings.allow, settings.ignore)
    write_json(volume.revisions, {**recorded, settings.revision: commit})
    name = (
        f"{settings.model}@{commit[:12]}"
        if commit == settings.revision
        else f"{settings.wanted} is commit {commit[:12]}"
    )
    say(f"{name}: {len(files)} of its {len(listed)} files are needed, "
        f"{size_text(sum(file.size for file in files))}")  # fmt: skip
    snapshot = volume.snapshot(commit)
    served = volume.target()
    volume.clean([snapshot, *([served] if served else [])], snapshot)
    download = Download(volume, hub, commit, files)
    download.prepare()
    final = volume.state / snapshot
    if final.is_dir():  # damaged, or never marked: its files count by their hashes only
        volume.forget(commit)
        salvage(download, final)
        volume.remove(final)
    reuse(download)
    adopt(download, listed)
    download.run()
    chosen = {file.path for file in files}
    download.publish([file.path for file in listed if file.path not in chosen])
    return commit


def work() -> NoReturn:
    current: Optional[Settings] = None
    try:
        settings = current = read_settings(os.environ)
        for current in [settings, *settings.of_adapters()]:
            if current.source == "existing":
                verify_existing(current)
            else:
                run(current)
    except BaseException as error:
        fail(error, current)
    end(0)


def main() -> None:
    secrets = [os.environ.get(name, "").strip() for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")]
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy", "HF_ENDPOINT"):
        with contextlib.suppress(ValueError):
            secrets.append(urllib.parse.urlsplit(os.environ.get(name, "")).password or "")
    sys.stdout, sys.stderr = Redacted(sys.stdout, secrets), Redacted(sys.stderr, secrets)

    def stop(number: int, _frame: object) -> None:
        say(f"stopped by {signal.Signals(number).name}; what is not whole is not served, the next start goes on")
        end(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    os.umask(0o002)  # OpenShift gives a pod a random user of group 0
    os.environ.update(HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_TELEMETRY="1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    os.environ.setdefault("HF_XET_CHUNK_CACHE_SIZE_BYTES", "0")  # a cache of what is stored beside it anyway
    # requests knows the one name, httpx and hf_xet the other
    for one, other in (("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")):
        if os.environ.get(one):
            os.environ.setdefault(other, os.environ[one])
    # Python runs `stop` in the main thread and between its own instructions: never in a call that does not return, such as
    # the lookup of a name while DNS does not answer. So the main thread only waits.
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(1)
    end(EXIT_CODES["internal"])  # work() ends the process itself


if __name__ == "__main__":
    main()
