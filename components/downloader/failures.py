"""Ends that the operator can act on, and what an error of a library means."""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import re
import socket
import ssl
import traceback
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Optional

from output import end, one_line, say

if TYPE_CHECKING:
    from settings import Settings

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

# Names of classes of the standard library, urllib3, requests, httpx and httpx2, whichever is there.
NO_CONNECTION = {
    "ConnectionRefusedError",
    "NewConnectionError",
    "ConnectError",
    "ConnectTimeout",
    "ConnectTimeoutError",
}
BROKEN_CONNECTION = {
    "ChunkedEncodingError",
    "ConnectionError",
    "NetworkError",
    "ProtocolError",
    "ReadTimeoutError",
    "RemoteProtocolError",
    "SSLError",
    "Timeout",
    "TimeoutError",
    "TimeoutException",
}


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
    text = next((one_line(one) for one in reversed(errors) if str(one)), type(error).__name__)  # the innermost
    host = urllib.parse.urlsplit(settings.endpoint).hostname
    for one in errors:
        response = getattr(one, "response", None)
        if response is not None and getattr(response, "status_code", None):
            return classify_status(response.status_code, response.headers, settings)
    if numbers & {errno.ENOSPC, errno.EDQUOT}:
        return Failure("disk-full", f"No space left on device: {settings.mount} is full ({text}); enlarge the claim.")
    if "OfflineModeIsEnabled" in names:
        return offline(settings)
    if "ProxyError" in names:
        return Transient(f"the proxy does not let us reach {host}: {text}", "network")
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in errors):
        sentence = (
            f"TLS: the certificate of {host} is not trusted ({text}); give the CA that signed it, in SSL_CERT_FILE."
        )
        return Failure("network", sentence)
    if any(isinstance(one, socket.gaierror) for one in errors) or "NameResolutionError" in names:
        return Transient(f"DNS: the name {host} does not resolve ({text})", "network")
    if names & NO_CONNECTION:
        return Transient(f"no connection to {host}: {text}", "network")
    if names & BROKEN_CONNECTION:
        return Transient(f"the connection to {host} broke: {text}")
    if numbers & {errno.EACCES, errno.EPERM, errno.EROFS}:
        who = f"uid {os.getuid()}, gid {os.getgid()}"
        return Failure("permission-denied", f"Permission denied for {who}: {text}; the volume must be writable.")
    return error if isinstance(error, Exception) else RuntimeError(text)


def classify_status(status: int, headers: Mapping[str, str], settings: Settings) -> Exception:
    said = one_line(headers.get("X-Error-Message") or "", 200)
    reason = f"HTTP {status}" + (f", {said}" if said else "")
    if status in (401, 403) and headers.get("X-Error-Code") == "GatedRepo":
        account = "the account of HF_TOKEN" if settings.token else "an account, and set its token"
        return Failure("unauthorized", f"the model is gated: accept its licence on {settings.page} with {account} "
                       f"({reason}).")  # fmt: skip
    if status in (401, 403):
        mend = "set a token that may read it" if settings.token else "if it is private or gated, set a token"
        return Failure("unauthorized", f"{settings.page} is not to be had "
                       f"{'with this token' if settings.token else 'without a token'} ({reason}); check the model id "
                       f"and {mend}. The licence of a gated model is accepted on that page.")  # fmt: skip
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
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    from email.utils import parsedate_to_datetime

    with contextlib.suppress(TypeError, ValueError):
        wait = parsedate_to_datetime(value) - datetime.datetime.now(datetime.timezone.utc)
        return max(0.0, wait.total_seconds())
    return None


def offline(settings: Settings) -> Failure:
    return Failure("offline", f"{settings.wanted} is not complete on the volume and offline mode is enabled; "
                   'set HF_HUB_OFFLINE="0" for this container.')  # fmt: skip


def fail(error: BaseException, settings: Optional[Settings]) -> NoReturn:
    """The last line, and the exit code that goes with it."""
    known = classify(error, settings) if settings else error
    if not isinstance(known, Failure):
        traceback.print_exception(type(error), error, error.__traceback__)
        known = Failure("internal", f"{type(error).__name__}: {one_line(error)}; please report this.")
    say(f"error: {known.name}: {known.sentence}")
    end(EXIT_CODES[known.name])
