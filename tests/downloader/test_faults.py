"""What the Hub and its storage can answer, against the real huggingface_hub: the end is a whole model or none."""

from __future__ import annotations

import hashlib
import socket

import pytest
from fakehub import FakeHub
from hubfiles import tiny_model
from support import MODEL, TOKEN, Volume, needed

SHARD = "model-00001"


@pytest.mark.fault("HTTP 401: wrong token", "exit 10, nothing served")
def test_wrong_token(hub: FakeHub, volume: Volume) -> None:
    hub.token = "another"
    result = volume.run()
    assert result.failed(10, "unauthorized")
    assert "Invalid credentials" in result.last
    assert volume.content() is None


@pytest.mark.parametrize(("token", "status"), [(TOKEN, 403), ("", 401)])
@pytest.mark.fault("HTTP 401 and 403: gated model", "exit 10, names the licence page")
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
@pytest.mark.fault("HTTP 404: no such model, branch or commit", "exit 11")
def test_not_found(volume: Volume, env: dict[str, str]) -> None:
    result = volume.run(**env)
    assert result.failed(11, "not-found")
    wanted = f"{env.get('MODEL_ID', MODEL)}@{env.get('MODEL_REVISION', 'main')}"
    assert wanted in result.last
    assert volume.content() is None


@pytest.mark.fault("HTTP 429 with Retry-After", "waits as told, whole")
def test_rate_limit(hub: FakeHub, volume: Volume) -> None:
    hub.fault("/api/models/", "status", status=429, headers={"Retry-After": "2"})
    hub.fault("config.json", "status", status=429, headers={"Retry-After": "2"})
    result = volume.run()
    assert result.is_complete()
    assert result.seconds > 4


@pytest.mark.parametrize("path", ["/api/models/", "config.json"])
@pytest.mark.fault("HTTP 429 with a Retry-After beyond the budget", "exit 17 at once")
def test_rate_limit_beyond_budget(hub: FakeHub, volume: Volume, path: str) -> None:
    hub.fault(path, "status", times=-1, status=429, headers={"Retry-After": "3600"})
    result = volume.run()
    assert result.failed(17, "retries-exhausted")
    assert "asks to wait 1 h 0 min" in result.last


@pytest.mark.fault("HTTP 429 whose RateLimit header names the end of the window", "waits as told, whole")
def test_rate_limit_window(hub: FakeHub, volume: Volume) -> None:
    window = {"RateLimit": '"api";r=0;t=2', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
    hub.fault("/api/models/", "status", times=3, status=429, headers=window)
    # Less than it waits in all, which does not count, and more than it needs besides.
    result = volume.run(MODEL_RETRY_SECONDS="5.9")
    assert result.is_complete()
    assert result.seconds > 6


@pytest.mark.fault("HTTP 429 with a RateLimit window beyond the budget, or for ever", "exit 17, says how long")
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
@pytest.mark.fault("redirect to a storage host that refuses each link", "exit 13 after one new link, names that host")
def test_storage_refuses(hub: FakeHub, volume: Volume, status: int) -> None:
    hub.fault(f"/resolve/.*{SHARD}", "redirect", times=-1)
    hub.fault("/cdn/", "status", times=-1, status=status, headers=PROXY)
    result = volume.run()
    assert result.failed(13, "network")
    assert f"{storage(hub)} (where {hub.url.removeprefix('http://')} keeps its files) refuses them" in result.last
    assert "token" not in result.last
    assert len([path for path in hub.paths() if "/cdn/" in path]) == 2
    assert volume.content() is None


@pytest.mark.fault("a storage host's link has expired", "asked for anew, whole")
def test_link_expired(hub: FakeHub, volume: Volume) -> None:
    hub.fault(f"/resolve/.*{SHARD}", "redirect", times=-1)
    hub.fault("/cdn/", "status", status=403, headers={"Server": "CloudFront"})
    result = volume.run()
    assert result.is_complete()
    assert "Asking for a new link" in result.output
    assert volume.content() == needed(hub.files)


@pytest.mark.fault("a renamed model: the Hub sends on to itself, and refuses there", "exit 10, as the Hub says")
def test_renamed_and_gated(hub: FakeHub, volume: Volume) -> None:
    hub.fault(f"/resolve/.*{SHARD}", "status", times=-1, status=307, headers={"Location": f"{hub.url}/renamed"})
    gated = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this model is restricted."}
    hub.fault("/renamed", "status", times=-1, status=403, headers=gated)
    result = volume.run()
    assert result.failed(10, "unauthorized")
    assert "accept its licence" in result.last


@pytest.mark.fault("a storage host whose name does not resolve", "exit 13, names that host")
def test_storage_name(hub: FakeHub, volume: Volume) -> None:
    elsewhere = {"Location": "https://storage.hub.invalid/blob?X-Amz-Signature=SIGNEDKEY"}
    hub.fault(f"/resolve/.*{SHARD}", "status", times=-1, status=302, headers=elsewhere)
    result = volume.run(MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")
    assert "DNS: the name storage.hub.invalid (where " in result.last
    assert "SIGNEDKEY" not in result.output


@pytest.mark.fault("a storage host that refuses the connection", "exit 13, names that host")
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


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"{}", b"[]", b'{"id": "tiny/model"}'])
@pytest.mark.fault("HTTP 200 with a page that is no Hub's", "exit 13, no Hub answers there")
def test_no_hub(hub: FakeHub, volume: Volume, body: bytes) -> None:
    hub.fault("/api/models/", "page", times=-1, body=body)
    result = volume.run()
    assert result.failed(13, "network")
    assert f"no Hub answers at {hub.url}" in result.last


@pytest.mark.parametrize(("status", "end"), [(402, (10, "unauthorized")), (451, (11, "not-found"))])
@pytest.mark.fault("HTTP 402 and 451 of the Hub", "exit 10 and 11")
def test_not_to_be_had(hub: FakeHub, volume: Volume, status: int, end: tuple[int, str]) -> None:
    hub.fault("/api/models/", "status", times=-1, status=status)
    assert volume.run().failed(*end)


@pytest.mark.fault("main moves between the listing and the files", "one commit, whole")
def test_main_moves(hub: FakeHub, volume: Volume) -> None:
    old = hub.files
    hub.after_listing = lambda: hub.commit(MODEL, tiny_model(seed=2))
    assert volume.run().is_complete()
    assert volume.content() == needed(old)


@pytest.mark.fault("main moves between a killed download and the next start", "one commit, whole")
def test_main_moves_after_kill(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "stall", at=30_000)
    volume.kill_when(lambda: SHARD in str(hub.paths()))
    assert volume.content() is None
    hub.commit(MODEL, tiny_model(seed=2))
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.fault("main moves and its earlier commit is gone", "resolved anew, whole")
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


@pytest.mark.fault("a server that repeats the token in its error", "the token is not in the output")
def test_token_echoed(hub: FakeHub, volume: Volume) -> None:
    for status in (401, 403, 500, 400):
        hub.faults.clear()
        hub.fault("/api/models/", "echo", status=status, times=-1)
        result = volume.run(MODEL_RETRY_SECONDS="0")
        assert result.code != 0
        assert "[redacted]" in result.output
        assert TOKEN not in result.output and TOKEN[3:] not in result.output


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/../../../evil", "a\\..\\evil"])
@pytest.mark.fault("a listing with file names that lead out of the folder", "exit 16, nothing written")
def test_names_that_leave(hub: FakeHub, volume: Volume, name: str) -> None:
    hub.commit(MODEL, {**hub.files, name: b"{}"})
    result = volume.run()
    assert result.failed(16, "corrupt")
    assert volume.content() is None
    assert not list(volume.path.parent.rglob("evil*"))


@pytest.mark.fault("a mirror whose listing has no sizes and hashes", "asked file by file, whole")
def test_listing_without_sizes(hub: FakeHub, volume: Volume) -> None:
    hub.listed_sizes = False
    hub.fault(SHARD, "wrong-bytes")
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.fault("a revision that is broken at its source: a shard is missing", "exit 16, nothing served")
def test_shard_missing_at_source(hub: FakeHub, volume: Volume) -> None:
    del hub.files["model-00002-of-00002.safetensors"]
    hub.commit(MODEL, hub.files)
    result = volume.run()
    assert result.failed(16, "corrupt")
    assert "1 of 2 shards" in result.last and "model-00002-of-00002.safetensors" in result.last
    assert volume.content() is None


@pytest.mark.fault("a revision that is broken at its source: a truncated shard", "exit 16, nothing served")
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
