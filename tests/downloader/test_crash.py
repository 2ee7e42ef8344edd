"""Killed at any moment, then started again: the old model is served or the new one, byte for byte, or nothing."""

from __future__ import annotations

import json
import random
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable

import pytest
from fakehub import FakeHub
from forks import PATIENCE, Forks
from hubfiles import tiny_model
from support import MODEL, Result, Volume, fill, needed, self_signed, wait_until

NEW = tiny_model(seed=2)
OLD = tiny_model(seed=1)
LIBRARY = ("huggingface_hub", "huggingface_hub.utils", "huggingface_hub.hf_api", "huggingface_hub.file_download")


def fresh(hub: FakeHub, volume: Volume) -> None:
    """Nothing on the volume."""


def switch(hub: FakeHub, volume: Volume) -> None:
    """The old revision is served, the new one is asked for."""
    hub.commit(MODEL, OLD, branch="old")
    assert volume.run(MODEL_REVISION="old").is_complete()


def adoption(hub: FakeHub, volume: Volume) -> None:
    """An older deployment left half of the model, and a file of somebody's own."""
    half = {name: content for name, content in needed(NEW).items() if "00002" not in name}
    fill(volume.served, {**half, "notes.txt": b"mine"})


def repair(hub: FakeHub, volume: Volume) -> None:
    """A shard of the served model was truncated."""
    assert volume.run(MODEL_REVISION=hub.head).is_complete()
    (volume.served / "model-00001-of-00002.safetensors").write_bytes(b"short")


SCENARIOS: dict[str, Callable[[FakeHub, Volume], None]] = {
    one.__name__: one for one in (fresh, switch, adoption, repair)
}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    hub = FakeHub()
    hub.head = hub.commit(MODEL, NEW)
    yield hub
    hub.close()
    assert hub.unknown == []


def is_whole_or_absent(volume: Volume, before: object, scenario: str) -> bool:
    """What the killed run may leave at the served path."""
    content = volume.content()
    if scenario in ("adoption", "repair") and content == before:
        return True  # not touched yet; the init container failed, so that no server starts on it
    return content in (None, needed(NEW)) or (scenario == "switch" and content == needed(OLD))


def recovers(scenario: str, volume: Volume, result: Result) -> None:
    assert result.is_complete(), result.output
    assert volume.content() == needed(NEW)
    assert volume.leftovers() == (["kept"] if scenario == "adoption" else [])
    if scenario == "adoption":
        assert (volume.state / "kept" / "notes.txt").read_bytes() == b"mine"


AFTER_KILL = (
    "nothing, the new revision, or what was there: the old revision, or a half or damaged folder on which no server starts; "
    "whole at the next start"
)


@pytest.mark.fault(
    "kill -9 at 20 random moments of a download, a switch of revision, an adoption, a repair",
    AFTER_KILL,
)
def test_kill_at_random_moments(hub: FakeHub, tmp_path: Path) -> None:
    hub.rate = 150_000
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    moments = random.Random(seed)
    usual = []

    def one(number: int) -> int:
        scenario = list(SCENARIOS)[number % len(SCENARIOS)]
        path = tmp_path / str(number)
        path.mkdir()
        volume = Volume(path, hub.url)
        SCENARIOS[scenario](hub, volume)
        if number < 0:
            usual.append(volume.run(MODEL_REVISION=hub.head).seconds)
            return 0
        before = volume.content()
        result = volume.kill_after(moments.uniform(0.05, 1) * min(usual), MODEL_REVISION=hub.head)
        if result.code == 0 and scenario == "fresh":
            usual.append(result.seconds)  # the machine has become less busy: later kills come sooner
        assert is_whole_or_absent(volume, before, scenario), f"number {number}, {scenario}, seed {seed}"
        recovers(scenario, volume, volume.run(MODEL_REVISION=hub.head))
        return result.code

    one(-4)
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(one, range(20)))
    assert codes.count(-signal.SIGKILL) >= 10, f"most of the kills must hit a running download: {codes}"


@pytest.mark.once
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.fault(
    "kill -9 before each single change to the volume, one after the other",
    AFTER_KILL,
)
def test_kill_before_each_change(hub: FakeHub, tmp_path: Path, scenario: str) -> None:
    start = Volume(tmp_path / "start", hub.url)
    start.path.mkdir()
    SCENARIOS[scenario](hub, start)
    before = start.content()
    # One environment for all, so that the library can be loaded once. The script sets the last itself, too late.
    env = {**start.env, "MODEL_REVISION": hub.head, "MODEL_WORKERS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    env["SSL_CERT_FILE"] = str(self_signed(tmp_path)[0])  # not needed here; to load all of the system's is slow
    forks = Forks(*LIBRARY, **env)

    def run(volume: Volume, fault: str = "none") -> Result:
        return volume.result(lambda: forks.start({**env, "MODELS_PATH": str(volume.path)}, fault))

    try:
        for number in range(1, 500):
            volume = Volume(tmp_path / str(number), hub.url)
            shutil.copytree(start.path, volume.path, symlinks=True)
            result = run(volume, f"kill-at:{number}")
            assert result.code in (0, -signal.SIGKILL), result.output
            assert is_whole_or_absent(volume, before, scenario), f"killed before change {number}"
            if result.code == 0:
                assert number > 20, "too few changes were counted to mean anything"
                return
            recovers(scenario, volume, run(volume))
            shutil.rmtree(volume.path)
    finally:
        forks.close()
    raise AssertionError("the run makes more than 500 changes")


def asked(hub: FakeHub, path: str) -> Callable[[], bool]:
    return lambda: any(path in one for one in hub.paths())


@pytest.mark.parametrize("where", ["listing", "download", "waiting"])
@pytest.mark.fault(
    "SIGTERM while listing, downloading, or waiting for the next try",
    "exit 143 without waiting for it, nothing served; whole at the next start",
)
def test_sigterm(hub: FakeHub, volume: Volume, where: str) -> None:
    path = {"listing": "/api/models/", "download": "safetensors", "waiting": "config.json"}[where]
    if where == "waiting":
        hub.fault(path, "status", status=429, headers={"Retry-After": str(PATIENCE // 2)})
    else:
        hub.fault(path, "stall", at=30_000 if where == "download" else 0, times=2)
    result = volume.kill_when(asked(hub, path), signal.SIGTERM, HF_HUB_DOWNLOAD_TIMEOUT=str(PATIENCE))
    assert result.code == 143
    assert result.seconds < PATIENCE / 3
    assert "stopped by SIGTERM" in result.last
    assert volume.content() is None
    hub.faults.clear()
    assert volume.run().is_complete()
    assert volume.content() == needed(NEW)
    assert volume.leftovers() == []


@pytest.mark.fault(
    "SIGTERM while DNS does not answer",
    "exit 143 without waiting for it, nothing served; whole at the next start",
)
def test_sigterm_while_dns_hangs(hub: FakeHub, volume: Volume) -> None:
    asks = volume.path / "asks"
    result = volume.kill_when(
        asks.exists, signal.SIGTERM, f"dns-hangs:{asks}", HF_ENDPOINT="http://hub.example", HF_HUB_DOWNLOAD_TIMEOUT="60"
    )
    assert result.code == 143
    assert result.seconds < PATIENCE / 3
    assert "stopped by SIGTERM" in result.last
    assert volume.content() is None
    assert volume.run().is_complete()
    assert volume.content() == needed(NEW)


def verified(volume: Volume) -> list[str]:
    return [name for path in volume.state.glob("*.parts/hashes.json") for name in json.loads(path.read_text())]


def arrived(volume: Volume) -> int:
    return sum(path.stat().st_size for path in volume.state.glob("*.parts/*") if path.suffix != ".json")


@pytest.mark.fault("kill -9, then a resumed download", "what had arrived is not downloaded again")
def test_resumes_after_kill(hub: FakeHub, volume: Volume) -> None:
    hub.fault("model-00001", "stall", at=65_536)
    others = len(needed(NEW)) - 1
    volume.kill_when(lambda: len(verified(volume)) == others and arrived(volume) > 30_000, HF_HUB_DOWNLOAD_TIMEOUT="30")
    hub.requests.clear()
    assert volume.run().is_complete()
    ranges = {path.rpartition("/")[2]: headers.get("Range") for _, path, headers in hub.requests if "/resolve/" in path}
    assert set(ranges) == {"model-00001-of-00002.safetensors"}
    assert int(ranges["model-00001-of-00002.safetensors"][6:-1]) > 30_000
    assert volume.content() == needed(NEW)


def two_at_once(hub: FakeHub, volume: Volume, inject: str = "none", **env: str) -> list[str]:
    """The output of a downloader that is held up until a second one waits for it, and that of the second."""
    hub.fault("model-00001", "stall", at=30_000)
    first = volume.start(inject, HF_HUB_DOWNLOAD_TIMEOUT="60", **env)
    wait_until(asked(hub, "model-00001"))
    second = volume.start(inject, MODEL_RETRY_SECONDS="60", **env)
    assert second.stdout
    said = ""
    while "waiting for" not in said:
        line = second.stdout.readline()
        assert line, said
        said += line
    hub.release.set()
    outputs = [process.communicate()[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outputs
    assert " are needed, " not in said + outputs[1], "the second found the model complete"
    assert volume.content() == needed(NEW)
    return [outputs[0], said + outputs[1]]


@pytest.mark.fault("two downloaders at once on one volume", "one waits; both end with the whole model")
def test_two_at_once(hub: FakeHub, volume: Volume) -> None:
    two_at_once(hub, volume)


@pytest.mark.fault("two at once, and the one with the lock is killed", "the other takes over, whole")
def test_lock_dies_with_its_process(hub: FakeHub, volume: Volume) -> None:
    hub.fault("model-00001", "stall", at=30_000)
    first = volume.start(HF_HUB_DOWNLOAD_TIMEOUT="60")
    wait_until(asked(hub, "model-00001"))
    second = volume.start()
    assert second.stdout and "waiting for" in second.stdout.readline()
    first.kill()
    first.communicate()
    output, _ = second.communicate()
    assert second.returncode == 0, output
    assert volume.content() == needed(NEW)


@pytest.mark.fault("two at once, and the first takes longer than the second may wait", "exit 18; the first goes on")
def test_locked(hub: FakeHub, volume: Volume) -> None:
    hub.fault("model-00001", "stall", at=30_000)
    first = volume.start(HF_HUB_DOWNLOAD_TIMEOUT="60")
    wait_until(asked(hub, "model-00001"))
    result = volume.run(MODEL_RETRY_SECONDS="1")
    assert result.failed(18, "locked")
    assert f"process {first.pid}" in result.last
    hub.release.set()
    first.communicate()
    assert first.returncode == 0
    assert volume.content() == needed(NEW)


@pytest.mark.fault("two at once on a filesystem without locks", "a lease instead: one waits, both whole")
def test_no_locks(hub: FakeHub, volume: Volume) -> None:
    outputs = two_at_once(hub, volume, "no-locks", LEASE_SECONDS="20")
    assert all("has no locks" in output for output in outputs)


@pytest.mark.fault("no locks, and the holder of the lease is killed", "the lease runs out, whole")
def test_lease_runs_out(hub: FakeHub, volume: Volume) -> None:
    hub.fault("model-00001", "stall", at=30_000)
    first = volume.start(inject="no-locks", LEASE_SECONDS="2")
    wait_until(asked(hub, "model-00001"))
    first.kill()
    first.communicate()
    result = volume.run(inject="no-locks", LEASE_SECONDS="2", MODEL_RETRY_SECONDS="30")
    assert result.is_complete(), result.output
    assert result.seconds > 2
    assert volume.content() == needed(NEW)
