"""MODEL_SOURCE=existing: what is on the volume is verified, and no Hub is asked."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import pytest
from fakehub import FakeHub
from support import MODEL, Result, Volume, fill, needed

pytestmark = pytest.mark.once

SHARD = "model-00001-of-00002.safetensors"


class TestExisting:
    """MODEL_SOURCE=existing, for clusters that reach no Hub."""

    def run(self, volume: Volume, **env: str) -> Result:
        return volume.run(MODEL_SOURCE="existing", HF_ENDPOINT="http://127.0.0.1:9", **env)

    def test_whole(self, hub: FakeHub, volume: Volume) -> None:
        fill(volume.served, needed(hub.files))
        before = sorted(volume.path.rglob("*"))
        for verify in ("sizes", "headers", "full"):
            assert self.run(volume, MODEL_VERIFY=verify).is_complete()
        assert sorted(volume.path.rglob("*")) == before, "nothing is written"

    def test_what_the_downloader_made(self, hub: FakeHub, volume: Volume) -> None:
        volume.run()
        assert self.run(volume, MODEL_VERIFY="full").last.startswith(
            f"model-downloader: complete {MODEL}@{hub.head[:12]} "
        )
        (volume.served / "tokenizer.json").write_bytes(b"x" * len(hub.files["tokenizer.json"]))
        assert self.run(volume).is_complete()
        assert self.run(volume, MODEL_VERIFY="full").failed(16, "corrupt")
        (volume.served / "tokenizer.json").unlink()
        assert self.run(volume).failed(16, "corrupt")

    @pytest.mark.fault("existing claim: absent, a shard missing, truncated, without weights", "exit 11 or 16")
    def test_not_whole(self, hub: FakeHub, volume: Volume) -> None:
        assert self.run(volume).failed(11, "not-found")
        fill(volume.served, needed(hub.files))
        (volume.served / SHARD).write_bytes(hub.files[SHARD][:-1])
        assert self.run(volume).failed(16, "corrupt")
        (volume.served / SHARD).unlink()
        result = self.run(volume)
        assert result.failed(16, "corrupt") and "1 of 2 shards" in result.last
        for path in volume.served.glob("*safetensors*"):
            path.unlink()
        result = self.run(volume)
        assert result.failed(16, "corrupt") and "no weights" in result.last

    @pytest.mark.parametrize("content", [{}, {"files": []}, {"files": [{}]}, {"files": [7], "commit": 1}])
    def test_marker_that_is_none(self, hub: FakeHub, volume: Volume, content: object) -> None:
        volume.run()
        (marker,) = volume.state.glob("*.*.json")
        marker.write_text(json.dumps(content))
        assert self.run(volume).is_complete()
        (volume.served / SHARD).write_bytes(b"short")
        assert self.run(volume).failed(16, "corrupt")

    @pytest.mark.fault("existing claim, wrong bytes against the hashes that `hf download` noted", "exit 16 with full")
    def test_hashes_of_hf_download(self, hub: FakeHub, volume: Volume) -> None:
        fill(volume.served, needed(hub.files))
        digest = hashlib.sha256(hub.files[SHARD]).hexdigest()
        fill(volume.served, {f".cache/huggingface/download/{SHARD}.metadata": f"{hub.head}\n{digest}\n1.0\n".encode()})
        assert self.run(volume, MODEL_VERIFY="full").is_complete()
        (volume.served / SHARD).write_bytes(hub.files[SHARD][:-1] + b"\0\1"[hub.files[SHARD][-1] == 0 :][:1])
        assert self.run(volume, MODEL_VERIFY="full").failed(16, "corrupt")

    @pytest.mark.fault("existing claim with another commit than asked for", "exit 11")
    def test_other_commit(self, hub: FakeHub, volume: Volume) -> None:
        volume.run()
        assert self.run(volume, MODEL_REVISION=hub.head).is_complete()
        result = self.run(volume, MODEL_REVISION="1" * 40)
        assert result.failed(11, "not-found") and hub.head in result.last

    @pytest.mark.fault("existing claim with a link that leads out of the volume", "exit 16")
    def test_link_out(self, hub: FakeHub, volume: Volume, tmp_path: Path) -> None:
        outside = tmp_path.with_name("outside.json")
        outside.write_bytes(b"{}")
        fill(volume.served, needed(hub.files))
        (volume.served / "generation_config.json").symlink_to(outside)
        assert self.run(volume).failed(16, "corrupt")


def test_header_of_a_huge_claim_is_not_read(volume: Volume, hub: FakeHub) -> None:
    fill(volume.served, needed(hub.files))
    (volume.served / SHARD).write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    result = volume.run(MODEL_SOURCE="existing")
    assert result.failed(16, "corrupt")
