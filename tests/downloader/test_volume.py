"""What is on the volume already: restarts, revisions, older deployments, damage, other people's files."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from fakehub import FakeHub
from hubfiles import tiny_model
from support import MODEL, Volume, fill, needed, wait_until

pytestmark = pytest.mark.once

SHARD = "model-00001-of-00002.safetensors"


def test_served_is_exactly_what_vllm_needs(hub: FakeHub, volume: Volume) -> None:
    result = volume.run()
    assert result.is_complete()
    assert result.last.startswith(f"model-downloader: complete {MODEL}@{hub.head[:12]} ")
    assert volume.content() == needed(hub.files)
    assert volume.leftovers() == []


def test_link_is_relative_so_that_the_mount_path_may_change(hub: FakeHub, volume: Volume, tmp_path: Path) -> None:
    volume.run()
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    hub.requests.clear()
    again = Volume(moved, hub.url)
    assert again.run().is_complete()
    assert again.content() == needed(hub.files)
    assert hub.requests == []


@pytest.mark.fault("restart with the Hub unreachable, the model whole", "served, from the marker alone")
def test_restart_needs_no_hub(hub: FakeHub, volume: Volume) -> None:
    volume.run()
    hub.requests.clear()
    for env in ({}, {"MODEL_REVISION": hub.head}, {"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}):
        result = volume.run(**env)
        assert result.is_complete(), result.output
    assert hub.requests == []


@pytest.mark.fault("restart, and main has moved", "the commit of the first download, and the log says so")
def test_restart_keeps_the_commit(hub: FakeHub, volume: Volume) -> None:
    volume.run()
    hub.commit(MODEL, tiny_model(seed=2))
    result = volume.run()
    assert result.is_complete()
    assert f"{MODEL}@main stays commit {hub.head[:12]}" in result.output
    assert volume.content() == needed(hub.files)


def test_restart_of_30_gb_takes_no_longer_than_of_little(hub: FakeHub, volume: Volume) -> None:
    volume.run()
    little = min(volume.run().seconds for _ in range(3))
    marker = next(volume.state.glob("*.*.json"))
    content = json.loads(marker.read_text())
    for number in range(8):  # sparse: the size is what counts, nothing is read
        path = volume.served / f"extra-{number}.safetensors"
        with path.open("wb") as stream:
            stream.truncate(3_750_000_000)
        content["files"].append({"path": path.name, "size": 3_750_000_000, "sha256": "0" * 64, "blob": None})
    marker.write_text(json.dumps(content))
    results = [volume.run() for _ in range(3)]
    for result in results:
        assert result.is_complete()
        assert result.last.endswith(" 30.0 GB")
    # The best of three each, since other tests run beside this one. To read so much takes half a minute.
    assert min(result.seconds for result in results) < 5 * little


def test_changed_revision_is_switched_and_the_old_removed(hub: FakeHub, volume: Volume) -> None:
    volume.run()
    new = {**tiny_model(seed=2), "tokenizer.json": hub.files["tokenizer.json"]}
    commit = hub.commit(MODEL, new, branch="v2")
    hub.requests.clear()
    assert volume.run(MODEL_REVISION="v2").is_complete()
    assert volume.content() == needed(new)
    assert volume.leftovers() == []
    assert [path for path in os.listdir(volume.state) if path.startswith(hub.head)] == []
    assert not [path for path in hub.paths() if "tokenizer.json" in path], "an unchanged file is not downloaded again"
    assert volume.run(MODEL_REVISION=commit).is_complete()


@pytest.mark.fault("changed revision, and the Hub is unreachable", "exit 13; the old is not served in its place")
def test_changed_revision_without_hub(hub: FakeHub, volume: Volume) -> None:
    volume.run()
    result = volume.run(MODEL_REVISION="v2", HF_ENDPOINT="http://127.0.0.1:9", MODEL_RETRY_SECONDS="0")
    assert result.failed(13, "network")
    assert volume.content() == needed(hub.files)
    assert volume.run().is_complete()


def test_changed_patterns_fetch_only_what_is_new(hub: FakeHub, volume: Volume) -> None:
    volume.run(MODEL_ALLOW_PATTERNS="*.json\n*.safetensors")
    hub.requests.clear()
    assert volume.run(MODEL_ALLOW_PATTERNS="*.json\n*.safetensors\n*.md").is_complete()
    assert volume.content() == {**needed(hub.files), "README.md": hub.files["README.md"]}
    assert [path for path in hub.paths() if "/resolve/" in path] == [f"/{MODEL}/resolve/{hub.head}/README.md"]
    assert volume.leftovers() == []


def test_patterns_that_select_no_weights_are_refused(volume: Volume) -> None:
    result = volume.run(MODEL_ALLOW_PATTERNS="*.json")
    assert result.failed(16, "corrupt")
    assert "2 of 2 shards" in result.last or "no weights" in result.last
    assert volume.content() is None


@pytest.mark.parametrize("damage", ["truncated", "removed", "link"])
@pytest.mark.fault("a served file truncated, removed, or replaced by a link", "seen at the next start, repaired")
def test_repairs_sizes(hub: FakeHub, volume: Volume, damage: str) -> None:
    volume.run()
    path = volume.served / SHARD
    path.unlink()
    if damage == "truncated":
        path.write_bytes(hub.files[SHARD][:-1])
    if damage == "link":
        outside = volume.path / "outside"
        outside.write_bytes(hub.files[SHARD])
        path.symlink_to(outside)
    hub.requests.clear()
    result = volume.run()
    assert result.is_complete()
    assert "damaged" in result.output and SHARD in result.output
    assert volume.content() == needed(hub.files)
    assert not path.is_symlink()
    assert [one.rpartition("/")[2] for one in hub.paths() if "/resolve/" in one] == [SHARD]


@pytest.mark.parametrize(
    ("verify", "at", "seen"), [("sizes", 4, False), ("headers", 4, True), ("headers", -1, False), ("full", -1, True)]
)
@pytest.mark.fault("a served file with flipped bits", "seen by modelVerify headers (header) or full (all), repaired")
def test_modes_of_verification(hub: FakeHub, volume: Volume, verify: str, at: int, seen: bool) -> None:
    volume.run()
    damaged = bytearray(hub.files[SHARD])
    damaged[at] ^= 0xFF
    (volume.served / SHARD).write_bytes(damaged)
    result = volume.run(MODEL_VERIFY=verify)
    assert result.is_complete()
    assert ("damaged" in result.output) == seen
    assert (volume.content() == needed(hub.files)) == seen


@pytest.mark.fault("a served file damaged, and the Hub is unreachable", "exit 13, nothing served")
def test_damage_without_hub(volume: Volume, hub: FakeHub) -> None:
    volume.run()
    (volume.served / SHARD).write_bytes(b"short")
    result = volume.run(HF_ENDPOINT="http://127.0.0.1:9", MODEL_RETRY_SECONDS="0")
    assert result.failed(13, "network")
    assert volume.content() is None
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"commit": "COMMIT", "files": 1}', b'{"commit": "COMMIT", "files": [{}]}']
)
@pytest.mark.fault("a marker that is empty, cut or nonsense", "not believed; the files are verified by their hashes")
def test_bad_marker(hub: FakeHub, volume: Volume, content: bytes) -> None:
    volume.run()
    next(volume.state.glob("*.*.json")).write_bytes(content.replace(b"COMMIT", hub.head.encode()))
    hub.requests.clear()
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)
    assert not [path for path in hub.paths() if "/resolve/" in path]


@pytest.mark.fault("a link at the served path that leads elsewhere", "exit 64; neither link nor target is touched")
def test_foreign_link(volume: Volume, tmp_path: Path) -> None:
    other = tmp_path / "other"
    fill(other, {"precious": b"1"})
    volume.served.parent.mkdir()
    volume.served.symlink_to(other)
    result = volume.run()
    assert result.failed(64, "usage")
    assert str(volume.served) in result.last
    assert volume.served.readlink() == other
    assert (other / "precious").read_bytes() == b"1"


@pytest.mark.parametrize(
    "place", [".model-downloader", ".model-downloader/tiny", ".model-downloader/tiny/model", "tiny"]
)
@pytest.mark.fault("one of the downloader's own folders is a link", "exit 64; nothing is written through it")
def test_linked_state(volume: Volume, tmp_path: Path, place: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).symlink_to(other)
    assert volume.run().failed(64, "usage")
    assert list(other.iterdir()) == []


@pytest.mark.fault("other models and files on the volume", "untouched")
def test_nothing_else_is_touched(hub: FakeHub, volume: Volume) -> None:
    hub.commit("tiny/other", tiny_model(seed=3))
    assert volume.run(MODEL_ID="tiny/other").is_complete()
    fill(volume.path, {"lost+found/x": b"1", "tiny/third/config.json": b"2", "data.bin": b"3"})
    fill(volume.path, {".hf-cache/hub/models--tiny--third/blobs/a.incomplete": b"4"})
    fill(volume.path, {".hf-cache/hub/models--tiny--model/blobs/b.incomplete": b"5"})

    def others() -> dict[str, bytes]:
        files = [path for path in volume.path.rglob("*") if path.is_file() and path != volume.served]
        return {
            str(path): path.read_bytes()
            for path in files
            if volume.served not in path.parents and volume.state not in path.parents
        }

    before = others()
    assert volume.run().is_complete()
    del before[str(volume.path / ".hf-cache/hub/models--tiny--model/blobs/b.incomplete")]  # an orphan of this model
    assert others() == before


def test_an_orphan_of_a_killed_xet_transfer_is_gone_before_the_first_byte(hub: FakeHub, volume: Volume) -> None:
    hub.fault(SHARD, "status", times=-1, status=500)
    assert volume.run(MODEL_RETRY_SECONDS="1").failed(17, "retries-exhausted")
    (parts,) = volume.state.glob("*.parts")
    fill(parts, {"xet-0123/blobs/a.1a2b3c4d.incomplete": b"orphan"})
    assert volume.run(MODEL_RETRY_SECONDS="1").failed(17, "retries-exhausted")
    assert list(parts.glob("xet-*")) == []


def test_a_marker_that_is_none_lends_no_files(hub: FakeHub, volume: Volume) -> None:
    volume.run(MODEL_REVISION=hub.head)
    (marker,) = volume.state.glob("*.*.json")
    marker.write_text('{"files": [{}]}')
    new = tiny_model(seed=2)
    assert volume.run(MODEL_REVISION=hub.commit(MODEL, new)).is_complete()
    assert volume.content() == needed(new)
    assert volume.leftovers() == []


@pytest.mark.fault("another process writes into a file that is on its way", "seen by its size, downloaded again, whole")
def test_foreign_bytes_in_a_part(hub: FakeHub, volume: Volume) -> None:
    files = {**hub.files, "tokenizer.json": json.dumps({"vocab": "x" * 150_000}).encode()}
    hub.commit(MODEL, files)
    hub.rate = 150_000
    process = volume.start(MODEL_ALLOW_PATTERNS="*.json\n*.safetensors", MODEL_WORKERS="8")
    name = hashlib.sha256(b"tokenizer.json").hexdigest()[:32]

    def part() -> Path | None:
        return next((path for path in volume.state.glob(f"*.parts/{name}") if path.stat().st_size > 20_000), None)

    wait_until(lambda: part() is not None)
    with open(str(part()), "ab") as stream:
        stream.write(b"foreign")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert "tokenizer.json has" in output
    assert volume.content() == needed(files)
