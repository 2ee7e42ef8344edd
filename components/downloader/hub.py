"""The Hub through huggingface_hub, and tries within a budget."""

from __future__ import annotations

import contextlib
import importlib.util
import random
import re
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Callable

from failures import Failure, Transient, classify, redirected
from files import COMMIT, RemoteFile, safe_path
from output import say, time_text
from settings import Settings

ASKED_WAITS = 3  # how many waits that the Hub asks for are not counted as time without progress
PIECE = 1 << 14  # what a broken connection may cost: requests drops a piece that is not whole


class Budget:
    """Tries again with back-off while less than `seconds` have passed since the last progress."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tries = self.asked = 0
        self.since = time.monotonic()

    def progress(self) -> None:
        self.tries = self.asked = 0
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
        if error.retry_after is not None and self.asked < ASKED_WAITS:
            # The other side has said when it answers again: that is no lack of progress, unless it says so for ever.
            self.asked += 1
            self.since += pause
        say(f"{error.sentence}; try {self.tries + 1} in {time_text(pause)}")
        time.sleep(pause)


def no_hub(settings: Settings, what: str) -> Failure:
    return Failure("network", f"no Hub answers at {settings.endpoint}: what came for {settings.wanted} {what}; check "
                   "HF_ENDPOINT, and whether a proxy answers with a page of its own.")  # fmt: skip


class Hub:
    """The Hub through huggingface_hub: its API for the listing, its session (proxy, CA, user agent) for the bytes.

    The bytes are streamed here and not by `hf_hub_download`, which from 1.x on cannot resume after a kill and which
    waits and retries by limits of its own. Files in Xet storage go through it only where HF_HUB_DISABLE_XET is not set
    and the image has hf_xet.
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
        info = self.retried(partial(self.info, api, revision))
        if not COMMIT.fullmatch(info.sha or ""):
            raise no_hub(settings, "names no commit")
        files = []
        for one in info.siblings or []:
            if not safe_path(one.rfilename):
                raise Failure("corrupt", f"{settings.page} lists a file name that is not a path in it: "
                              f"{one.rfilename!r}; nothing was written.")  # fmt: skip
            sha256 = getattr(one.lfs, "sha256", None) if one.lfs else None
            if one.size is None:
                files.append(self.retried(partial(self.head, info.sha, one.rfilename)))
            else:
                files.append(RemoteFile(one.rfilename, one.size, sha256, None if sha256 else one.blob_id))
        return info.sha, files

    def info(self, api: Any, revision: str) -> Any:
        settings = self.settings
        try:
            return api.model_info(settings.model, revision=revision, files_metadata=True, timeout=settings.timeout)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if getattr(error, "response", None) is not None:
                raise
            raise no_hub(settings, "is no list of a model's files") from error

    def url(self, commit: str, path: str) -> str:
        return str(self.lib.hf_hub_url(self.settings.model, path, revision=commit, endpoint=self.settings.endpoint))

    def head(self, commit: str, path: str) -> RemoteFile:
        """For a mirror whose listing has no sizes."""
        meta = self.lib.get_hf_file_metadata(self.url(commit, path), token=self.settings.token or False)
        if meta.size is None:
            raise Failure("network", f"{self.settings.endpoint} does not tell the size of {path}; use another mirror.")
        etag = meta.etag or ""
        sha256 = etag if re.fullmatch(r"[0-9a-f]{64}", etag) else None
        return RemoteFile(path, meta.size, sha256, etag if COMMIT.fullmatch(etag) else None)

    def has_xet(self) -> bool:
        return importlib.util.find_spec("hf_xet") is not None and not self.lib.constants.HF_HUB_DISABLE_XET

    def in_xet(self, commit: str, path: str) -> bool:
        try:
            meta = self.lib.get_hf_file_metadata(self.url(commit, path), token=self.settings.token or False)
        except Exception:
            return False  # the GET that follows meets the same, and reports it
        return getattr(meta, "xet_file_data", None) is not None

    def xet_download(self, commit: str, path: str, folder: Path) -> Path:
        return Path(
            self.lib.hf_hub_download(
                self.settings.model, path, revision=commit, local_dir=folder, endpoint=self.settings.endpoint,
                token=self.settings.token or False,
            )
        )  # fmt: skip

    @contextlib.contextmanager
    def get(self, url: str, start: int) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes], str]]:
        """GET from byte `start` on: status, headers, body, host of a redirect's target.

        The session is requests' before 1.0, httpx' since.
        """
        from huggingface_hub.utils import build_hf_headers, get_session

        headers = build_hf_headers(token=self.settings.token or False)
        headers["Accept-Encoding"] = "identity"
        if start:
            headers["Range"] = f"bytes={start}-"
        session = get_session()
        timeout = self.settings.timeout
        if callable(getattr(session, "stream", None)):  # requests has a flag of this name
            with session.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
                yield response.status_code, response.headers, response.iter_bytes(), redirected(response)
        else:
            with session.get(url, headers=headers, timeout=timeout, stream=True) as response:
                yield response.status_code, response.headers, response.iter_content(PIECE), redirected(response)
