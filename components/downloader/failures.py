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
from collections.abc import Iterable, Iterator, Mapping
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

# One of them is on each refusal of the Hub itself: https://huggingface.co/docs/huggingface_hub/package_reference/utilities#http-errors
HUB_HEADERS = ("X-Error-Code", "X-Error-Message", "X-Request-Id")

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


class RefusedLink(Failure):
    """The storage host to which the Hub has sent us refuses the link: it may have expired, and a new one may do."""


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
    host = asked_host(errors, settings)
    for one in errors:
        response = getattr(one, "response", None)
        if response is not None and getattr(response, "status_code", None):
            return classify_status(response.status_code, response.headers, settings, redirected(response))
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


def asked_host(errors: Iterable[BaseException], settings: Settings) -> str:
    """The host that the failed request went to: a file's comes from a storage host, to which the Hub redirects."""
    hub = host_of(settings.endpoint)
    for one in errors:
        with contextlib.suppress(AttributeError, RuntimeError):  # httpx raises where there is no request
            host = host_of(str(one.request.url))  # type: ignore[attr-defined]
            if host not in ("", hub):
                return f"{host} (where {hub} keeps its files)"
    return hub


def redirected(response: Any) -> str:
    """The host that answered in the end, where the Hub has sent us on; else nothing."""
    return host_of(str(response.url)) if getattr(response, "history", None) else ""


def host_of(url: str) -> str:
    """Host, and port where it is not the scheme's; no user, no password."""
    return urllib.parse.urlsplit(url).netloc.rpartition("@")[2].lower()


def classify_status(status: int, headers: Mapping[str, str], settings: Settings, storage: str = "") -> Exception:
    """What an answer means that is no success; `storage` is the host of a redirect's target, if there was a redirect."""
    said = one_line(headers.get("X-Error-Message") or "", 200)
    reason = f"HTTP {status}" + (f", {said}" if said else "")
    server = one_line(headers.get("Server") or "", 80)
    by = f"HTTP {status}" + (f" by {server}" if server else "")
    hub = host_of(settings.endpoint)
    hubs_own = any(name in headers for name in HUB_HEADERS)
    if hubs_own and storage == hub:  # a model that was renamed: the Hub sends on to itself
        storage = ""
    if storage and status not in (407, 408, 425, 429) and status < 500:
        return RefusedLink("network", f"{storage} (where {hub} keeps its files) refuses them ({by}): a proxy or "
                           f"firewall on the way does not let them through, or the link has expired; allow {storage} "
                           "there.")  # fmt: skip
    if status in (401, 403) and headers.get("X-Error-Code") == "GatedRepo":
        account = "the account of HF_TOKEN" if settings.token else "an account, and set its token"
        return Failure("unauthorized", f"the model is gated: accept its licence on {settings.page} with {account} "
                       f"({reason}).")  # fmt: skip
    if status == 403 and not hubs_own:
        return Failure("network", f"{hub} is answered for by something else ({by}, without a Hub's own headers): a "
                       f"proxy or firewall on the way refuses it; allow {hub} there, or check what your mirror wants.")  # fmt: skip
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
        who = storage or "the Hub"
        return Transient(f"{who} answered {reason}", retry_after=rate_limit(headers))
    if status == 402:
        return Failure("unauthorized", f"{settings.page} wants payment ({reason}); see what its owner asks for.")
    if status == 451:
        return Failure("not-found", f"{settings.page} is not to be had here for legal reasons ({reason}); choose "
                       "another model, or a mirror that has it.")  # fmt: skip
    return Failure("network", f"{settings.endpoint} answered {reason}, which no Hub should; check HF_ENDPOINT.")


def rate_limit(headers: Mapping[str, str]) -> Optional[float]:
    """How long to wait: Retry-After, or the end of the window in RateLimit, as the Hub writes it: `"api";r=0;t=4`."""
    seconds = re.search(r";\s*t=(\d+)", headers.get("RateLimit") or "")
    return retry_after(headers.get("Retry-After")) or (float(seconds[1]) if seconds else None)


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
