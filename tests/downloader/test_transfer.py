"""What can happen to the bytes on their way, against the real huggingface_hub: the end is a whole model or none."""

from __future__ import annotations

import re

import pytest
from fakehub import FakeHub
from hubfiles import tiny_model
from support import TOKEN, Volume, needed

SHARD = "model-00001"
SHARD_SIZE = len(tiny_model()["model-00001-of-00002.safetensors"])


@pytest.mark.parametrize("at", [0, 1, 8, 100, SHARD_SIZE // 2, SHARD_SIZE - 1])
@pytest.mark.fault("connection cut at byte N (first, in the header, in the middle, last)", "resumed, whole")
def test_cut(hub: FakeHub, volume: Volume, at: int) -> None:
    hub.fault(SHARD, "cut", at=at)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)
    first, second = (head.get("Range") for verb, path, head in hub.requests if SHARD in path and verb == "GET")
    assert first is None
    assert 0 <= at - int((second or "bytes=0-")[6:-1]) < 1 << 14


@pytest.mark.fault("connection cut again and again, each time a little further", "resumed, whole")
def test_cut_often(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "cut", at=20_000, times=3)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.fault("connection reset", "tried again, whole")
def test_reset(hub: FakeHub, volume: Volume) -> None:
    hub.fault("/api/models/", "reset")
    hub.fault(SHARD, "reset")
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("kind", ["too-few", "too-many", "wrong-bytes"])
@pytest.mark.parametrize("name", [SHARD, "tokenizer.json"])
@pytest.mark.fault("too few bytes, too many, or wrong ones of the right length: once", "downloaded again, whole")
def test_wrong_once(hub: FakeHub, volume: Volume, kind: str, name: str) -> None:
    hub.fault(name, kind)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("kind", ["too-few", "too-many", "wrong-bytes"])
@pytest.mark.fault("too few bytes, too many, or wrong ones of the right length: always", "exit 16, nothing served")
def test_wrong_always(hub: FakeHub, volume: Volume, kind: str) -> None:
    hub.fault(SHARD, kind, times=-1)
    result = volume.run(MODEL_RETRY_SECONDS="60")
    assert result.failed(16, "corrupt")
    assert "model-00001-of-00002.safetensors" in result.last
    assert volume.content() is None


@pytest.mark.fault("HTTP 500, 502, 503, 504, then well again", "tried again, whole")
def test_server_errors(hub: FakeHub, volume: Volume) -> None:
    for status, path in [(500, "/api/models/"), (502, "config.json"), (503, SHARD), (504, SHARD)]:
        hub.fault(path, "status", status=status)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("path", ["/api/models/", SHARD])
@pytest.mark.fault("HTTP 500 for ever", "exit 17 within the budget, nothing served")
def test_server_error_for_ever(hub: FakeHub, volume: Volume, path: str) -> None:
    hub.fault(path, "status", times=-1, status=500)
    result = volume.run(MODEL_RETRY_SECONDS="3")
    assert result.failed(17, "retries-exhausted")
    assert "HTTP 500" in result.last
    assert volume.content() is None


@pytest.mark.fault("redirect to another host with a signed address", "whole; the token is not sent there")
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


@pytest.mark.fault("stall in the middle of a file", "resumed after the time-out, whole")
def test_stall(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "stall", at=30_000)
    assert volume.run(HF_HUB_DOWNLOAD_TIMEOUT="1").is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.fault("stall for ever", "exit 17 within the budget and one time-out, nothing served")
def test_stall_for_ever(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "stall", at=0, times=-1)
    result = volume.run(HF_HUB_DOWNLOAD_TIMEOUT="1", MODEL_RETRY_SECONDS="3")
    assert result.failed(17, "retries-exhausted")
    assert volume.content() is None


@pytest.mark.parametrize("kind", ["ignore-range", "wrong-range"])
@pytest.mark.fault("Range ignored, or another part than asked for, on resuming", "begun anew, whole")
def test_range_ignored(hub: FakeHub, volume: Volume, kind: str) -> None:
    hub.fault(SHARD, "cut", at=30_000)
    hub.fault(SHARD, kind, offset=1)
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.fault("Range ignored and the connection cut, for ever", "exit 17 within the budget, nothing served")
def test_range_ignored_and_cut(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "ignore-range-cut", at=30_000, times=-1)
    result = volume.run(MODEL_RETRY_SECONDS="3")
    assert result.failed(17, "retries-exhausted")
    assert volume.content() is None


@pytest.mark.fault("files in Xet storage, with modelXet left off", "plain HTTP alone, no Xet server is asked, whole")
def test_xet_off(hub: FakeHub, volume: Volume) -> None:
    hub.xet = "absent"
    result = volume.run()
    assert result.is_complete(), result.output
    assert "Xet" not in result.output
    assert [path for path in hub.paths() if "xet" in path or path.startswith("/cas/")] == []
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize("kind", ["absent", "stall"])
@pytest.mark.fault("modelXet, and the Xet storage fails, or stalls for ever", "plain HTTP instead, whole")
def test_xet_fails(hub: FakeHub, volume: Volume, kind: str) -> None:
    hub.xet = kind
    result = volume.run(HF_HUB_DISABLE_XET="0", HF_HUB_DOWNLOAD_TIMEOUT="1", MODEL_RETRY_SECONDS="60")
    assert result.is_complete(), result.output
    assert re.search(r"Xet does not work here|nothing arrived through Xet", result.output)
    assert volume.content() == needed(hub.files)
    assert volume.leftovers() == []
