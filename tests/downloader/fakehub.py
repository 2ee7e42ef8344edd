"""A Hub on loopback for the tests: the endpoints that the downloader's client uses, and faults.

It refuses what it does not know (and remembers it), so that a new endpoint in a new client version fails a test
instead of passing by luck.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import ssl
import struct
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional

from hubfiles import LFS_SUFFIXES, blob_id, sizes_of


@dataclass
class Fault:
    """What to do to a request. `times` < 0 is for ever."""

    match: str
    """A regular expression that the path must contain."""
    kind: str
    times: int = 1
    at: int = 0
    """For cut and stall: after so many bytes of the body."""
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    """For page: what comes with 200 in place of the answer."""
    method: str = "GET"
    offset: int = 0
    """Only for requests from this byte on (resumed ones)."""


class FakeHub:
    def __init__(self, tls: Optional[ssl.SSLContext] = None) -> None:
        self.models: dict[str, dict[str, dict[str, bytes]]] = {}
        self.branches: dict[str, dict[str, str]] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.unknown: list[str] = []
        self.token: Optional[str] = None
        self.gated = False
        self.listed_sizes = True
        self.rate: Optional[int] = None
        self.xet = ""
        self.files: dict[str, bytes] = {}
        self.head = ""
        self.release = threading.Event()
        """Set, it ends every stall by closing the connection."""
        self.after_listing: Any = None
        self.lock = threading.Lock()
        hub = self

        class Handler(RequestHandler):
            pass

        Handler.hub = hub
        self.server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def commit(self, model: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Adds a commit of the files and makes the branch name it."""
        sha = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.models.setdefault(model, {})[sha] = files
        self.branches.setdefault(model, {})[branch] = sha
        return sha

    def fault(self, match: str, kind: str, **more: Any) -> None:
        self.faults.append(Fault(match, kind, **more))

    def take(self, method: str, path: str, start: int) -> Optional[Fault]:
        with self.lock:
            for fault in self.faults:
                if fault.times and fault.method == method and re.search(fault.match, path) and start >= fault.offset:
                    fault.times -= 1
                    return fault
        return None

    def paths(self, method: str = "GET") -> list[str]:
        return [path for verb, path, _ in self.requests if verb == method]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what these tests are about."""


class RequestHandler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def answer(self) -> None:
        hub = self.hub
        path = urllib.parse.unquote(self.path)
        with hub.lock:
            hub.requests.append((self.command, path, dict(self.headers)))
        start = int(m[1]) if (m := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) else 0
        fault = hub.take(self.command, path, start)
        if fault and fault.kind == "status":
            return self.send(fault.status, b'{"error": "injected"}', fault.headers)
        if fault and fault.kind == "page":
            return self.send(200, fault.body, {"Content-Type": "text/html"})
        if fault and fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return self.connection.close()
        if fault and fault.kind == "echo":  # a careless server that repeats what it was sent
            echo = f"bad token {self.headers.get('Authorization')}"
            return self.send(fault.status, json.dumps({"error": echo}).encode(), {"X-Error-Message": echo})
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/([^?]+))?(?:\?(.*))?", path):
            return self.listing(found[1], found[2] or "main", found[3] or "", fault)
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/([^?]+)", path):
            return self.file(found[1], found[2], found[3], start, fault)
        if found := re.fullmatch(r"/cdn/([^/]+/[^/]+)/([0-9a-f]{40})/([^?]+)\?.*", path):
            return self.content(hub.models[found[1]][found[2]], found[3], start, fault, {})
        if hub.xet and re.fullmatch(r"/api/models/[^/]+/[^/]+/xet-read-token/.*", path):
            token = {"accessToken": "xet-token", "exp": int(time.time()) + 3600, "casUrl": f"{hub.url}/cas"}
            headers = {"X-Xet-Cas-Url": f"{hub.url}/cas", "X-Xet-Access-Token": "xet-token",
                       "X-Xet-Token-Expiration": str(token["exp"])}  # fmt: skip
            return self.send(200, json.dumps(token).encode(), headers)
        if hub.xet and path.startswith("/cas/"):
            if hub.xet == "stall":
                time.sleep(3600)
            return self.send(404, b"no such reconstruction")
        with hub.lock:
            hub.unknown.append(f"{self.command} {path}")
        return self.send(400, b'{"error": "the fake hub does not know this endpoint"}')

    def allowed(self, gate: bool) -> bool:
        """False after an answer as the real Hub gives to a wrong token or one without the licence."""
        hub = self.hub
        sent = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if hub.token and sent and sent != hub.token:
            self.send(
                401,
                b'{"error": "Invalid credentials"}',
                {"X-Error-Message": "Invalid credentials in Authorization header"},
            )
            return False
        if gate and hub.gated:
            text = "Access to this model is restricted. Visit its page to ask for access."
            code = 403 if sent else 401
            self.send(code, b'{"error": "gated"}', {"X-Error-Code": "GatedRepo", "X-Error-Message": text})
            return False
        return True

    def listing(self, model: str, revision: str, query: str, fault: Optional[Fault]) -> None:
        hub = self.hub
        if not self.allowed(gate=False):
            return None
        if model not in hub.models:
            return self.send(
                404,
                b'{"error": "Repository not found"}',
                {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"},
            )
        sha = hub.branches[model].get(revision, revision)
        if sha not in hub.models[model]:
            return self.send(
                404,
                b'{"error": "Invalid rev id"}',
                {"X-Error-Code": "RevisionNotFound", "X-Error-Message": f"Invalid rev id: {revision}"},
            )
        sized = "blobs=" in query and hub.listed_sizes
        siblings = [
            {"rfilename": name, **(sizes_of(name, content) if sized else {})}
            for name, content in hub.models[model][sha].items()
        ]
        self.send(
            200,
            json.dumps({"_id": "1", "id": model, "modelId": model, "sha": sha, "siblings": siblings}).encode(),
            {},
            fault,
        )
        if hub.after_listing:
            hub.after_listing()
        return None

    def file(self, model: str, revision: str, name: str, start: int, fault: Optional[Fault]) -> None:
        hub = self.hub
        if not self.allowed(gate=True):
            return None
        sha = hub.branches.get(model, {}).get(revision, revision)
        files = hub.models.get(model, {}).get(sha, {})
        if name not in files:
            return self.send(404, b'{"error": "Entry not found"}', {"X-Error-Code": "EntryNotFound"})
        content = files[name]
        large = name.endswith(LFS_SUFFIXES)
        etag = hashlib.sha256(content).hexdigest() if large else blob_id(content)
        headers = {"X-Repo-Commit": sha, "ETag": f'"{etag}"'}
        if large:
            headers |= {"X-Linked-Size": str(len(content)), "X-Linked-ETag": f'"{etag}"'}
            if hub.xet:
                headers |= {
                    "X-Xet-Hash": etag,
                    "Link": f'<{hub.url}/api/models/{model}/xet-read-token/{sha}>; rel="xet-auth"',
                }
        if fault and fault.kind == "redirect":
            location = (
                f"http://localhost:{hub.server.server_address[1]}/cdn/{model}/{sha}/{name}?X-Amz-Signature=SIGNEDKEY"
            )
            return self.send(302, b"", {**headers, "Location": location})
        return self.content(files, name, start, fault, headers)

    def content(
        self, files: dict[str, bytes], name: str, start: int, fault: Optional[Fault], headers: dict[str, str]
    ) -> None:
        whole = files[name]
        kind = fault.kind if fault else ""
        if kind.startswith("ignore-range"):
            start = 0
        if kind == "wrong-bytes":
            middle = len(whole) // 2
            whole = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
        if kind == "too-many":
            whole += b"surplus"
        if kind == "too-few":
            whole = whole[:-7]
        if start >= len(whole) and start:
            return self.send(416, b"", {"Content-Range": f"bytes */{len(whole)}"})
        status = 200
        if start:
            status = 206
            first = start + 3 if kind == "wrong-range" else start
            headers = {**headers, "Content-Range": f"bytes {first}-{len(whole) - 1}/{len(whole)}"}
            return self.send(206, whole[first:], headers, fault)
        return self.send(status, whole, headers, fault)

    def send(
        self, status: int, body: bytes, headers: Optional[dict[str, str]] = None, fault: Optional[Fault] = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if status >= 400:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        kind = fault.kind if fault else ""
        at = fault.at if fault else 0
        for chunk in pieces(body, self.hub.rate):
            if kind in ("cut", "stall", "ignore-range-cut") and at < len(chunk):
                self.wfile.write(chunk[:at])
                self.wfile.flush()
                if kind == "stall":
                    self.hub.release.wait(3600)
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            at -= len(chunk)
            self.wfile.write(chunk)


def pieces(body: bytes, rate: Optional[int]) -> Iterator[bytes]:
    """The body at once, or slowly: `rate` bytes a second."""
    if not rate:
        yield body
        return
    step = max(1, rate // 50)
    for at in range(0, len(body), step):
        yield body[at : at + step]
        time.sleep(0.02)
