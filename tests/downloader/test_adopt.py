"""The folder of an older deployment on the volume: what of it is taken over."""

from __future__ import annotations

import pytest
from fakehub import FakeHub
from support import Volume, fill, needed

pytestmark = pytest.mark.once

SHARD = "model-00001-of-00002.safetensors"


@pytest.mark.fault("an older deployment's folder, whole", "verified and adopted; nothing is downloaded")
def test_adopts_a_whole_folder(hub: FakeHub, volume: Volume) -> None:
    fill(volume.served, {**hub.files, ".cache/huggingface/download/x.1234.incomplete": b"orphan"})
    result = volume.run()
    assert result.is_complete()
    assert "adopting" in result.output
    assert volume.content() == needed(hub.files)
    assert not [path for path in hub.paths() if "/resolve/" in path]
    assert volume.leftovers() == []


@pytest.mark.fault("an older deployment's folder, half of the shards", "completed, only the rest is downloaded")
def test_completes_half_a_folder(hub: FakeHub, volume: Volume) -> None:
    half = {name: content for name, content in needed(hub.files).items() if name != SHARD}
    fill(volume.served, {**half, SHARD: hub.files[SHARD][:1000], ".cache/huggingface/x.incomplete": b"orphan"})
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)
    assert [path.rpartition("/")[2] for path in hub.paths() if "/resolve/" in path] == [SHARD]
    assert volume.leftovers() == []


@pytest.mark.fault(
    "an older deployment's folder, a shard with wrong bytes of the right length", "not trusted; downloaded"
)
def test_does_not_trust_a_folder(hub: FakeHub, volume: Volume) -> None:
    wrong = bytes([hub.files[SHARD][-1] ^ 1])
    fill(volume.served, {**needed(hub.files), SHARD: hub.files[SHARD][:-1] + wrong, "config.json": b"{" * 33})
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)
    names = {path.rpartition("/")[2] for path in hub.paths() if "/resolve/" in path}
    assert names == {SHARD, "config.json"}


def test_other_files_of_a_folder_are_kept(hub: FakeHub, volume: Volume) -> None:
    fill(volume.served, {**needed(hub.files), "my/template.jinja": b"mine"})
    result = volume.run()
    assert result.is_complete()
    assert (volume.state / "kept/my/template.jinja").read_bytes() == b"mine"
    assert "kept" in result.output and "template.jinja" in result.output
    assert volume.run().is_complete()
    assert (volume.state / "kept/my/template.jinja").exists()


@pytest.mark.fault("an older deployment's folder, and the Hub is unreachable", "exit 13; the folder is left as it was")
def test_folder_without_hub(hub: FakeHub, volume: Volume) -> None:
    fill(volume.served, needed(hub.files))
    result = volume.run(HF_ENDPOINT="http://127.0.0.1:9", MODEL_RETRY_SECONDS="0")
    assert result.failed(13, "network")
    assert volume.content() == needed(hub.files)


def test_files_of_somebody_else_in_a_folder_half_adopted_are_kept(hub: FakeHub, volume: Volume) -> None:
    volume.run()
    fill(volume.state / "adopted", {"config.json": b"{}", "README.md": b"# Old", "deep/notes.txt": b"mine"})
    assert volume.run().is_complete()
    assert volume.leftovers() == ["kept"]
    assert [path.name for path in (volume.state / "kept").rglob("*") if path.is_file()] == ["notes.txt"]
