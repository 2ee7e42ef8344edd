"""The volume itself: who may write to it, and how much fits on it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakehub import FakeHub
from hubfiles import safetensors, tiny_model
from support import MODEL, Volume, needed

pytestmark = pytest.mark.once


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
