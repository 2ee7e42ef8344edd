"""What is on the volume already: restarts, revisions, older deployments, damage, other people's files, its size."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakehub import FakeHub, safetensors, tiny_model
from support import MODEL, Result, Volume, fill, needed, wait_until

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


def test_a_group_may_write_what_another_user_made(volume: Volume) -> None:
    volume.run()
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in volume.path.rglob("*") if not path.is_symlink()}
    assert modes <= {0o775, 0o664}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("mode", [0o755, 0o700])
@pytest.mark.fault("a volume that this user may not write to, or not even enter", "exit 15, names user and path")
def test_permission_denied(hub: FakeHub, mode: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, mode)
        result = Volume(Path(folder), hub.url).run(inject="as-user:12345")
    assert result.failed(15, "permission-denied")
    assert "Permission denied for uid 12345" in result.last
    assert folder in result.last


def dropped() -> list[str]:
    """The capabilities that the init container of anyuid drops, from the reviewed manifest."""
    manifest = (Path(__file__).resolve().parents[1] / "golden" / "dev.yaml").read_text(encoding="utf-8")
    init = manifest.partition("initContainers:")[2].partition("drop:\n")[2]
    return [name.lower() for name in re.match(r"(?:\s+- [A-Z_]+\n)+", init).group().replace("-", "").split()]


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("setpriv") is None, reason="only root can give capabilities away")
@pytest.mark.parametrize("before", ["empty", "whole"])
@pytest.mark.parametrize("owner", [0, 1000650000])
def test_root_writes_to_a_volume_of_any_owner(hub: FakeHub, before: str, owner: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        volume = Volume(Path(folder), hub.url)
        if before == "whole":
            assert volume.run().is_complete()
        os.chmod(folder, 0o755)
        for path in [volume.path, *volume.path.rglob("*")]:
            os.chown(path, owner, owner, follow_symlinks=False)
        bounded = ["setpriv", "--no-new-privs", "--inh-caps=-all"]
        if owner != 0:  # why not all of them are dropped
            result = volume.run_alone([*bounded, "--bounding-set=-all"])
            assert result.failed(15, "permission-denied"), result.output
        rest = ",".join(f"-{name}" for name in dropped())
        assert volume.run_alone([*bounded, f"--bounding-set={rest}"]).is_complete()


def test_mount_that_is_absent(volume: Volume, tmp_path: Path) -> None:
    result = volume.run(MODELS_PATH=str(tmp_path / "absent"))
    assert result.failed(64, "usage")
    assert "mount a claim there" in result.last


@pytest.fixture
def small(tmp_path: Path, hub: FakeHub) -> Iterator[Volume]:
    """A file system of 32 MB; skipped where this user may not mount one."""
    path = tmp_path / "small"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(path)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a tmpfs is not allowed here")
    yield Volume(path, hub.url)
    subprocess.run(["umount", str(path)], check=True)


@pytest.mark.fault("not enough space for the model", "exit 14 before the first byte, with the arithmetic")
def test_no_space(hub: FakeHub, small: Volume) -> None:
    hub.commit(
        MODEL,
        {
            **hub.files,
            "model-00001-of-00002.safetensors": safetensors({"layer.0.weight": 5_000_000, "layer.0.bias": 8}, 1),
        },
    )
    hub.commit("tiny/other", tiny_model(seed=3))
    assert small.run(MODEL_ID="tiny/other").is_complete()
    result = small.run()
    assert result.failed(14, "disk-full")
    assert "needs 20.1 MB more" in result.last and "of 33.6 MB are free" in result.last
    assert "tiny/other 164.2 kB" in result.last
    assert not [path for path in hub.paths() if f"{MODEL}/resolve/" in path]
    assert small.content() is None


@pytest.mark.fault(
    "the volume fills up in the middle of a file", "exit 14; goes on where it stopped once there is room"
)
def test_fills_up(hub: FakeHub, volume: Volume) -> None:
    result = volume.run(inject="full-after:90000", MODEL_WORKERS="1")
    assert result.failed(14, "disk-full")
    assert volume.content() is None
    hub.requests.clear()
    assert volume.run().is_complete()
    assert volume.content() == needed(hub.files)
    assert any(headers.get("Range") for _, path, headers in hub.requests if "safetensors" in path)


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


def test_files_of_somebody_else_in_a_folder_half_adopted_are_kept(hub: FakeHub, volume: Volume) -> None:
    volume.run()
    fill(volume.state / "adopted", {"config.json": b"{}", "README.md": b"# Old", "deep/notes.txt": b"mine"})
    assert volume.run().is_complete()
    assert volume.leftovers() == ["kept"]
    assert [path.name for path in (volume.state / "kept").rglob("*") if path.is_file()] == ["notes.txt"]


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
