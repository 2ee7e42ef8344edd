"""What the Hub and the way to it can do wrong, against the real huggingface_hub: the end is a whole model or none."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakehub import FakeHub, tiny_model
from support import MODEL, TOKEN, Volume, needed, self_signed

SHARD = "model-00001"
SHARD_SIZE = len(tiny_model()["model-00001-of-00002.safetensors"])


def fault(name: str, end: str) -> pytest.MarkDecorator:
    return pytest.mark.fault(name, end)


@pytest.mark.parametrize("at", [0, 1, 8, 100, SHARD_SIZE // 2, SHARD_SIZE - 1])
@fault("connection cut at byte N (first, in the header, in the middle, last)", "resumed, whole")
def test_cut(hub: FakeHub, volume: Volume, at: int) -> None:
    hub.fault(SHARD, "cut", at=at)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)
    first, second = (head.get("Range") for verb, path, head in hub.requests if SHARD in path and verb == "GET")
    assert first is None
    assert 0 <= at - int((second or "bytes=0-")[6:-1]) < 1 << 14


@fault("connection cut again and again, each time a little further", "resumed, whole")
def test_cut_often(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "cut", at=20_000, times=3)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@fault("connection reset", "tried again, whole")
def test_reset(hub: FakeHub, volume: Volume) -> None:
    hub.fault("/api/models/", "reset")
    hub.fault(SHARD, "reset")
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("kind", ["too-few", "too-many", "wrong-bytes"])
@pytest.mark.parametrize("name", [SHARD, "tokenizer.json"])
@fault("too few bytes, too many, or wrong ones of the right length: once", "downloaded again, whole")
def test_wrong_once(hub: FakeHub, volume: Volume, kind: str, name: str) -> None:
    hub.fault(name, kind)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("kind", ["too-few", "too-many", "wrong-bytes"])
@fault("too few bytes, too many, or wrong ones of the right length: always", "exit 16, nothing served")
def test_wrong_always(hub: FakeHub, volume: Volume, kind: str) -> None:
    hub.fault(SHARD, kind, times=-1)
    result = volume.run(MODEL_RETRY_SECONDS="60")
    assert result.failed(16, "corrupt")
    assert "model-00001-of-00002.safetensors" in result.last
    assert volume.content() is None


@fault("HTTP 401: wrong token", "exit 10, nothing served")
def test_wrong_token(hub: FakeHub, volume: Volume) -> None:
    hub.token = "another"
    result = volume.run()
    assert result.failed(10, "unauthorized")
    assert "Invalid credentials" in result.last
    assert volume.content() is None


@pytest.mark.parametrize(("token", "status"), [(TOKEN, 403), ("", 401)])
@fault("HTTP 401 and 403: gated model", "exit 10, names the licence page")
def test_gated(hub: FakeHub, volume: Volume, token: str, status: int) -> None:
    hub.gated = True
    result = volume.run(HF_TOKEN=token)
    assert result.failed(10, "unauthorized")
    assert f"HTTP {status}" in result.last
    assert f"accept its licence on {hub.url}/{MODEL}" in result.last
    assert volume.content() is None


@pytest.mark.parametrize(
    "env", [{"MODEL_ID": "tiny/absent"}, {"MODEL_REVISION": "absent"}, {"MODEL_REVISION": "0" * 40}]
)
@fault("HTTP 404: no such model, branch or commit", "exit 11")
def test_not_found(volume: Volume, env: dict[str, str]) -> None:
    result = volume.run(**env)
    assert result.failed(11, "not-found")
    wanted = f"{env.get('MODEL_ID', MODEL)}@{env.get('MODEL_REVISION', 'main')}"
    assert wanted in result.last
    assert volume.content() is None


@fault("HTTP 429 with Retry-After", "waits as told, whole")
def test_rate_limit(hub: FakeHub, volume: Volume) -> None:
    hub.fault("/api/models/", "status", status=429, headers={"Retry-After": "2"})
    hub.fault("config.json", "status", status=429, headers={"Retry-After": "2"})
    result = volume.run()
    assert result.is_complete()
    assert result.seconds > 4


@pytest.mark.parametrize("path", ["/api/models/", "config.json"])
@fault("HTTP 429 with a Retry-After beyond the budget", "exit 17 at once")
def test_rate_limit_beyond_budget(hub: FakeHub, volume: Volume, path: str) -> None:
    hub.fault(path, "status", times=-1, status=429, headers={"Retry-After": "3600"})
    result = volume.run()
    assert result.failed(17, "retries-exhausted")
    assert "asks to wait 1 h 0 min" in result.last


@fault("HTTP 429 whose RateLimit header names the end of the window", "waits as told, whole")
def test_rate_limit_window(hub: FakeHub, volume: Volume) -> None:
    window = {"RateLimit": '"api";r=0;t=2', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
    hub.fault("/api/models/", "status", times=3, status=429, headers=window)
    # Less than it waits in all, which does not count, and more than it needs besides.
    result = volume.run(MODEL_RETRY_SECONDS="5.9")
    assert result.is_complete()
    assert result.seconds > 6


@fault("HTTP 429 with a RateLimit window beyond the budget, or for ever", "exit 17, says how long")
@pytest.mark.parametrize(("seconds", "said"), [(200, "asks to wait 3 min 20 s"), (1, "asks to wait 1 s")])
def test_rate_limit_window_for_ever(hub: FakeHub, volume: Volume, seconds: int, said: str) -> None:
    hub.fault("/api/models/", "status", times=-1, status=429, headers={"RateLimit": f'"api";r=0;t={seconds}'})
    result = volume.run(MODEL_RETRY_SECONDS="2")
    assert result.failed(17, "retries-exhausted")
    assert said in result.last


def storage(hub: FakeHub) -> str:
    return hub.url.replace("http://127.0.0.1", "localhost")


PROXY = {"Server": "squid/6.6", "X-Squid-Error": "ERR_ACCESS_DENIED 0", "Content-Type": "text/html"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 451])
@fault("redirect to a storage host that refuses each link", "exit 13 after one new link, names that host")
def test_storage_refuses(hub: FakeHub, volume: Volume, status: int) -> None:
    hub.fault(f"/resolve/.*{SHARD}", "redirect", times=-1)
    hub.fault("/cdn/", "status", times=-1, status=status, headers=PROXY)
    result = volume.run()
    assert result.failed(13, "network")
    assert f"{storage(hub)} (where {hub.url.removeprefix('http://')} keeps its files) refuses them" in result.last
    assert "token" not in result.last
    assert len([path for path in hub.paths() if "/cdn/" in path]) == 2
    assert volume.content() is None


@fault("a storage host's link has expired", "asked for anew, whole")
def test_link_expired(hub: FakeHub, volume: Volume) -> None:
    hub.fault(f"/resolve/.*{SHARD}", "redirect", times=-1)
    hub.fault("/cdn/", "status", status=403, headers={"Server": "CloudFront"})
    result = volume.run()
    assert result.is_complete()
    assert "Asking for a new link" in result.output
    assert volume.content() == needed(hub.files)


@fault("a renamed model: the Hub sends on to itself, and refuses there", "exit 10, as the Hub says")
def test_renamed_and_gated(hub: FakeHub, volume: Volume) -> None:
    hub.fault(f"/resolve/.*{SHARD}", "status", times=-1, status=307, headers={"Location": f"{hub.url}/renamed"})
    gated = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this model is restricted."}
    hub.fault("/renamed", "status", times=-1, status=403, headers=gated)
    result = volume.run()
    assert result.failed(10, "unauthorized")
    assert "accept its licence" in result.last


@fault("a storage host whose name does not resolve", "exit 13, names that host")
def test_storage_name(hub: FakeHub, volume: Volume) -> None:
    elsewhere = {"Location": "https://storage.hub.invalid/blob?X-Amz-Signature=SIGNEDKEY"}
    hub.fault(f"/resolve/.*{SHARD}", "status", times=-1, status=302, headers=elsewhere)
    result = volume.run(MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")
    assert "DNS: the name storage.hub.invalid (where " in result.last
    assert "SIGNEDKEY" not in result.output


@fault("a storage host that refuses the connection", "exit 13, names that host")
def test_storage_port(hub: FakeHub, volume: Volume) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets it
        port = closed.getsockname()[1]
        hub.fault(
            f"/resolve/.*{SHARD}", "status", times=-1, status=302, headers={"Location": f"http://127.0.0.1:{port}/blob"}
        )
        result = volume.run(MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")
    assert f"no connection to 127.0.0.1:{port} (where " in result.last


@fault("HTTP 403 in the Hub's place, without its own headers", "exit 13, says that a proxy or firewall refuses")
def test_proxy_refuses_the_hub(hub: FakeHub, volume: Volume) -> None:
    hub.fault("/api/models/", "status", times=-1, status=403, headers={"Server": "Zscaler/6.2"})
    result = volume.run()
    assert result.failed(13, "network")
    assert "Zscaler/6.2, without a Hub's own headers" in result.last
    assert "token" not in result.last


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"{}", b"[]", b'{"id": "tiny/model"}'])
@fault("HTTP 200 with a page that is no Hub's", "exit 13, no Hub answers there")
def test_no_hub(hub: FakeHub, volume: Volume, body: bytes) -> None:
    hub.fault("/api/models/", "page", times=-1, body=body)
    result = volume.run()
    assert result.failed(13, "network")
    assert f"no Hub answers at {hub.url}" in result.last


@pytest.mark.parametrize(("status", "end"), [(402, (10, "unauthorized")), (451, (11, "not-found"))])
@fault("HTTP 402 and 451 of the Hub", "exit 10 and 11")
def test_not_to_be_had(hub: FakeHub, volume: Volume, status: int, end: tuple[int, str]) -> None:
    hub.fault("/api/models/", "status", times=-1, status=status)
    assert volume.run().failed(*end)


@fault("HTTP 500, 502, 503, 504, then well again", "tried again, whole")
def test_server_errors(hub: FakeHub, volume: Volume) -> None:
    for status, path in [(500, "/api/models/"), (502, "config.json"), (503, SHARD), (504, SHARD)]:
        hub.fault(path, "status", status=status)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("path", ["/api/models/", SHARD])
@fault("HTTP 500 for ever", "exit 17 within the budget, nothing served")
def test_server_error_for_ever(hub: FakeHub, volume: Volume, path: str) -> None:
    hub.fault(path, "status", times=-1, status=500)
    result = volume.run(MODEL_RETRY_SECONDS="3")
    assert result.failed(17, "retries-exhausted")
    assert "HTTP 500" in result.last
    assert volume.content() is None


@fault("redirect to another host with a signed address", "whole; the token is not sent there")
def test_redirect(hub: FakeHub, volume: Volume) -> None:
    hub.fault("safetensors", "redirect", times=-1)
    hub.fault("/cdn/.*00001", "cut", at=5000)
    result = volume.run()
    assert result.is_complete()
    assert volume.content() == needed(hub.files)
    cdn = [headers for _, path, headers in hub.requests if path.startswith("/cdn/")]
    assert len(cdn) == 3
    assert not [headers for headers in cdn if TOKEN in str(headers)]
    assert "SIGNEDKEY" not in result.output


@fault("stall in the middle of a file", "resumed after the time-out, whole")
def test_stall(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "stall", at=30_000)
    assert volume.run(HF_HUB_DOWNLOAD_TIMEOUT="1").is_complete()
    assert volume.content() == needed(hub.files)


@fault("stall for ever", "exit 17 within the budget and one time-out, nothing served")
def test_stall_for_ever(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "stall", at=0, times=-1)
    result = volume.run(HF_HUB_DOWNLOAD_TIMEOUT="1", MODEL_RETRY_SECONDS="3")
    assert result.failed(17, "retries-exhausted")
    assert volume.content() is None


@pytest.mark.parametrize("kind", ["ignore-range", "wrong-range"])
@fault("Range ignored, or another part than asked for, on resuming", "begun anew, whole")
def test_range_ignored(hub: FakeHub, volume: Volume, kind: str) -> None:
    hub.fault(SHARD, "cut", at=30_000)
    hub.fault(SHARD, kind, offset=1)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@fault("Range ignored and the connection cut, for ever", "exit 17 within the budget, nothing served")
def test_range_ignored_and_cut(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "ignore-range-cut", at=30_000, times=-1)
    result = volume.run(MODEL_RETRY_SECONDS="3")
    assert result.failed(17, "retries-exhausted")
    assert volume.content() is None


@fault("main moves between the listing and the files", "one commit, whole")
def test_main_moves(hub: FakeHub, volume: Volume) -> None:
    old = hub.files
    hub.after_listing = lambda: hub.commit(MODEL, tiny_model(seed=2))
    assert volume.run().is_complete()
    assert volume.content() == needed(old)


@fault("main moves between a killed download and the next start", "one commit, whole")
def test_main_moves_after_kill(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "stall", at=30_000)
    volume.kill_when(lambda: SHARD in str(hub.paths()))
    assert volume.content() is None
    hub.commit(MODEL, tiny_model(seed=2))
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@fault("main moves and its earlier commit is gone", "resolved anew, whole")
def test_commit_gone(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "stall", at=30_000)
    volume.kill_when(lambda: SHARD in str(hub.paths()))
    new = tiny_model(seed=2)
    hub.commit(MODEL, new)
    del hub.models[MODEL][hub.head]
    result = volume.run()
    assert result.is_complete()
    assert "is gone; resolving anew" in result.output
    assert volume.content() == needed(new)
    assert volume.leftovers() == []


@fault("offline mode, nothing on the volume", "exit 12")
def test_offline(volume: Volume) -> None:
    result = volume.run(HF_HUB_OFFLINE="1")
    assert result.failed(12, "offline")
    assert "offline mode is enabled" in result.last


@fault("DNS: the Hub's name does not resolve", "exit 13")
def test_dns(volume: Volume) -> None:
    result = volume.run(HF_ENDPOINT="http://hub.invalid", MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")
    assert "DNS" in result.last and "hub.invalid" in result.last


@fault("nothing listens at the Hub's address", "exit 13")
def test_refused(volume: Volume) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = volume.run(HF_ENDPOINT=f"http://127.0.0.1:{free.getsockname()[1]}", MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")


@fault("the proxy is not there", "exit 13, names the proxy, not its password")
def test_proxy_absent(volume: Volume) -> None:
    proxy = "http://user:ProxyPassword9@127.0.0.1:9"
    result = volume.run(HF_ENDPOINT="https://hub.example", HTTPS_PROXY=proxy, MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")
    assert "ProxyPassword9" not in result.output


@fault("the proxy refuses to connect us", "exit 13, names the proxy")
def test_proxy_refuses(volume: Volume) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    threading.Thread(target=refuse, daemon=True).start()
    proxy = f"http://127.0.0.1:{server.getsockname()[1]}"
    result = volume.run(HF_ENDPOINT="https://hub.example", HTTPS_PROXY=proxy, MODEL_RETRY_SECONDS="1")
    server.close()
    assert result.failed(13, "network")
    assert "proxy" in result.last


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[FakeHub, str]]:
    """A Hub with the test's model behind TLS, and the certificate of the CA that signed for it."""
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    hub = FakeHub(context)
    hub.files = tiny_model()
    hub.commit(MODEL, hub.files)
    yield hub, str(certificate)
    hub.close()
    assert hub.unknown == []


@fault("TLS: the Hub's certificate is signed by an unknown CA", "exit 13; whole once the CA is given")
def test_custom_ca(tls: tuple[FakeHub, str], tmp_path: Path) -> None:
    hub, certificate = tls
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        path = tmp_path / name
        path.mkdir()
        volume = Volume(path, hub.url)
        result = volume.run()
        assert result.failed(13, "network")
        assert "TLS" in result.last
        assert volume.run(**{name: certificate}).is_complete()
        assert volume.content() == needed(hub.files)


def tunnel(server: socket.socket, port: int, asked: list[str]) -> None:
    """A proxy that leads every CONNECT to one port of this machine."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            asked.append(client.recv(10_000).decode().split()[1])
            hub = socket.create_connection(("127.0.0.1", port))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for ends in ((client, hub), (hub, client)):
                threading.Thread(target=pump, args=ends, daemon=True).start()


@fault("the Hub can be reached through a proxy alone", "whole; what NO_PROXY names is reached without it")
def test_through_a_proxy(tls: tuple[FakeHub, str], tmp_path: Path) -> None:
    hub, certificate = tls
    asked: list[str] = []
    port = int(hub.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=tunnel, args=(server, port, asked), daemon=True).start()
        env = {"HTTPS_PROXY": f"http://127.0.0.1:{server.getsockname()[1]}", "SSL_CERT_FILE": certificate}
        for endpoint, no_proxy in ((f"https://hub.invalid:{port}", ".svc"), (hub.url, "127.0.0.1,.svc")):
            path = tmp_path / str(len(asked))
            path.mkdir()
            volume = Volume(path, endpoint)
            result = volume.run(**env, NO_PROXY=no_proxy)
            assert result.is_complete(), result.output
            assert volume.content() == needed(hub.files)
            assert set(asked) == {f"hub.invalid:{port}"}


@fault("a server that repeats the token in its error", "the token is not in the output")
def test_token_echoed(hub: FakeHub, volume: Volume) -> None:
    for status in (401, 403, 500, 400):
        hub.faults.clear()
        hub.fault("/api/models/", "echo", status=status, times=-1)
        result = volume.run(MODEL_RETRY_SECONDS="0")
        assert result.code != 0
        assert "[redacted]" in result.output
        assert TOKEN not in result.output and TOKEN[3:] not in result.output


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/../../../evil", "a\\..\\evil"])
@fault("a listing with file names that lead out of the folder", "exit 16, nothing written")
def test_names_that_leave(hub: FakeHub, volume: Volume, name: str) -> None:
    hub.commit(MODEL, {**hub.files, name: b"{}"})
    result = volume.run()
    assert result.failed(16, "corrupt")
    assert volume.content() is None
    assert not list(volume.path.parent.rglob("evil*"))


@fault("a mirror whose listing has no sizes and hashes", "asked file by file, whole")
def test_listing_without_sizes(hub: FakeHub, volume: Volume) -> None:
    hub.listed_sizes = False
    hub.fault(SHARD, "wrong-bytes")
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@fault("files in Xet storage, with modelXet left off", "plain HTTP alone, no Xet server is asked, whole")
def test_xet_off(hub: FakeHub, volume: Volume) -> None:
    hub.xet = "absent"
    result = volume.run()
    assert result.is_complete(), result.output
    assert "Xet" not in result.output
    assert [path for path in hub.paths() if "xet" in path or path.startswith("/cas/")] == []
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("kind", ["absent", "stall"])
@fault("modelXet, and the Xet storage fails, or stalls for ever", "plain HTTP instead, whole")
def test_xet_fails(hub: FakeHub, volume: Volume, kind: str) -> None:
    hub.xet = kind
    result = volume.run(HF_HUB_DISABLE_XET="0", HF_HUB_DOWNLOAD_TIMEOUT="1", MODEL_RETRY_SECONDS="60")
    assert result.is_complete(), result.output
    assert re.search(r"Xet does not work here|nothing arrived through Xet", result.output)
    assert volume.content() == needed(hub.files)
    assert volume.leftovers() == []


@fault("a revision that is broken at its source: a shard is missing", "exit 16, nothing served")
def test_shard_missing_at_source(hub: FakeHub, volume: Volume) -> None:
    del hub.files["model-00002-of-00002.safetensors"]
    hub.commit(MODEL, hub.files)
    result = volume.run()
    assert result.failed(16, "corrupt")
    assert "1 of 2 shards" in result.last and "model-00002-of-00002.safetensors" in result.last
    assert volume.content() is None


@fault("a revision that is broken at its source: a truncated shard", "exit 16, nothing served")
def test_shard_truncated_at_source(hub: FakeHub, volume: Volume) -> None:
    name = "model-00002-of-00002.safetensors"
    hub.commit(MODEL, {**hub.files, name: hub.files[name][:-100]})
    result = volume.run()
    assert result.failed(16, "corrupt")
    assert name in result.last
    assert volume.content() is None


def test_marker_has_the_hashes(hub: FakeHub, volume: Volume) -> None:
    import json

    assert volume.run_alone().is_complete()
    marker = json.loads(next(volume.state.glob("*.*.json")).read_text())
    assert marker["commit"] == hub.head
    assert {one["path"]: (one["size"], one["sha256"]) for one in marker["files"]} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in needed(hub.files).items()
    }
    assert marker["tool"].startswith("model-downloader ")
