"""A Hub on the node's own network: it serves one model's folder as huggingface.co does, to whoever brings the token.

Usage: hub.py ADDRESS PORT MODEL_ID FOLDER TOKEN. As on the Hub, small files are answered at once and large ones by a
redirect to a storage host, whose links are signed and get no token; a wrong token is answered with 401, and so is a
missing one, because the model is gated.
https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import urllib.parse
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Optional

LARGE = (".safetensors", ".bin", ".pth", ".gguf")


@cache
def sha256(path: Path, _size: int, _changed: float) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def etag(path: Path) -> str:
    """What the Hub gives: the SHA-256 of a large file, git's own name of a small one."""
    if path.name.endswith(LARGE):
        status = path.stat()
        return sha256(path, status.st_size, status.st_mtime)
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model = ""
    token = ""
    folder = Path()
    storage = ""

    def files(self) -> dict[str, Path]:
        found = sorted(path for path in self.folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        return {str(path.relative_to(self.folder)): path for path in found}

    def commit(self) -> str:
        return hashlib.sha1("".join(etag(path) for path in self.files().values()).encode()).hexdigest()

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path, _, query = urllib.parse.unquote(self.path).partition("?")
        sha = self.commit()
        if path == "/healthz":
            return self.reply(200, {"model": self.model, "sha": sha})
        if found := re.fullmatch(r"/storage/([0-9a-f]{64})", path):
            named = [file for file in self.files().values() if file.name.endswith(LARGE) and etag(file) == found[1]]
            return self.content(named[0], {}) if named and "X-Amz-Signature" in query else self.reply(403, {})
        listing = re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(?:revision|tree)/(.+))?", path)
        resolve = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if not listing and not resolve:
            return self.reply(404, {"error": "Sorry, we can't find the page you are looking for."})
        model, revision = (listing or resolve)[1], (listing or resolve)[2] or "main"
        sent = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if sent and sent != self.token:
            text = "Invalid credentials in Authorization header"
            return self.reply(401, {"error": text}, {"X-Error-Message": text})
        if model != self.model:
            return self.refuse(404 if sent else 401, "RepoNotFound", "Repository not found")
        if revision not in ("main", sha):
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if listing and "/tree/" in path:
            return self.reply(200, [
                self.described(file, "oid", {"type": "file", "path": name, "oid": etag(file)})
                for name, file in self.files().items()
            ])
        if listing:
            siblings = [
                self.described(file, "sha256", {"rfilename": name, "blobId": etag(file)})
                for name, file in self.files().items()
            ]
            return self.reply(200, {"_id": "1", "id": model, "modelId": model, "sha": sha, "siblings": siblings})
        if not sent:
            text = f"Access to model {model} is restricted. You must have access to it and be authenticated."
            return self.refuse(401, "GatedRepo", text)
        file = self.files().get(resolve[3])
        if file is None:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        headers = {"X-Repo-Commit": sha, "ETag": f'"{etag(file)}"'}
        if not file.name.endswith(LARGE):
            return self.content(file, headers)
        linked = {"X-Linked-Size": str(file.stat().st_size), "X-Linked-ETag": headers["ETag"]}
        location = f"{self.storage}/storage/{etag(file)}?X-Amz-Expires=3600&X-Amz-Signature={sha}"
        return self.reply(302, {}, {**headers, **linked, "Location": location})

    @staticmethod
    def described(path: Path, digest: str, named: dict[str, object]) -> dict[str, object]:
        """A file as a listing has it; `digest` is what that calls the SHA-256 of a large one."""
        size = path.stat().st_size
        large = {"lfs": {digest: etag(path), "size": size, "pointerSize": 134}} if path.name.endswith(LARGE) else {}
        return {**named, "size": size, **large}

    def content(self, path: Path, headers: dict[str, str]) -> None:
        size = path.stat().st_size
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        if wanted and start >= size:
            return self.reply(416, {}, {"Content-Range": f"bytes */{size}"})
        end = min(int(wanted[2]), size - 1) if wanted and wanted[2] else size - 1
        self.send_response(206 if wanted else 200)
        ranged = {"Content-Range": f"bytes {start}-{end}/{size}"} if wanted else {}
        length = end - start + 1 if size else 0
        for name, value in {**headers, **ranged, "Accept-Ranges": "bytes", "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        with path.open("rb") as file:
            file.seek(start)
            while length and (piece := file.read(min(1 << 16, length))):
                self.wfile.write(piece)
                length -= len(piece)

    def refuse(self, status: int, code: str, text: str) -> None:
        self.reply(status, {"error": text}, {"X-Error-Code": code, "X-Error-Message": text})

    def reply(self, status: int, body: object, headers: Optional[dict[str, str]] = None) -> None:
        text = json.dumps(body).encode() if body else b""
        self.send_response(status)
        always = {"Content-Type": "application/json", "Content-Length": str(len(text))}
        for name, value in {**(headers or {}), **always}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        print(f"{self.command} {self.path.partition('?')[0]} {args[1] if len(args) > 1 else ''}", flush=True)


def main() -> None:
    address, port, Handler.model, folder, Handler.token = sys.argv[1:]
    Handler.folder = Path(folder)
    # A host of its own: a client follows a redirect that stays on the Hub, and looks for the Hub's headers where it leads.
    Handler.storage = f"http://{address}:{int(port) + 1}"
    ThreadingHTTPServer.daemon_threads = True
    storage = ThreadingHTTPServer((address, int(port) + 1), Handler)
    threading.Thread(target=storage.serve_forever, daemon=True).start()
    ThreadingHTTPServer((address, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
