"""Adapters beside the model: each is whole or not there, and a fault names the one that has it."""

from __future__ import annotations

import json
import os

import pytest
from fakehub import FakeHub
from hubfiles import safetensors
from support import MODEL, Volume

pytestmark = pytest.mark.once

ADAPTER = "tiny/sql"
CONFIG = json.dumps({"peft_type": "LORA", "r": 8}).encode()
FILES = {
    "README.md": b"# An adapter\n",
    "adapter_config.json": CONFIG,
    "adapter_model.safetensors": safetensors({"layer.0.lora_A.weight": 64}, seed=7),
}
NEEDED = sorted(name for name in FILES if name != "README.md")


def served(volume: Volume, model: str = ADAPTER) -> list[str]:
    return sorted(path.name for path in (volume.path / model).iterdir())


def test_are_served_beside_the_model(hub: FakeHub, volume: Volume) -> None:
    commit = hub.commit(ADAPTER, FILES)
    result = volume.run(MODEL_ADAPTERS=ADAPTER)
    assert result.is_complete(), result.output
    assert f"complete {MODEL}@" in result.output
    assert result.last.startswith(f"model-downloader: complete {ADAPTER}@{commit[:12]} ")
    assert served(volume) == NEEDED
    assert (volume.path / MODEL / "config.json").exists()


def test_restart_needs_no_hub(hub: FakeHub, volume: Volume) -> None:
    hub.commit(ADAPTER, FILES)
    volume.run(MODEL_ADAPTERS=ADAPTER)
    hub.requests.clear()
    assert volume.run(MODEL_ADAPTERS=ADAPTER).is_complete()
    assert hub.requests == []


def test_are_pinned(hub: FakeHub, volume: Volume) -> None:
    first = hub.commit(ADAPTER, FILES)
    hub.commit(ADAPTER, {**FILES, "adapter_config.json": b'{"r": 16}'})
    assert volume.run(MODEL_ADAPTERS=f"{ADAPTER}@{first}").is_complete()
    assert (volume.path / ADAPTER / "adapter_config.json").read_bytes() == CONFIG


def test_a_damaged_one_is_repaired(hub: FakeHub, volume: Volume) -> None:
    hub.commit(ADAPTER, FILES)
    volume.run(MODEL_ADAPTERS=ADAPTER)
    weights = volume.path / ADAPTER / "adapter_model.safetensors"
    os.truncate(weights, 10)
    result = volume.run(MODEL_ADAPTERS=ADAPTER)
    assert result.is_complete() and "repairing" in result.output
    assert weights.read_bytes() == FILES["adapter_model.safetensors"]


def test_what_is_no_adapter_is_refused(hub: FakeHub, volume: Volume) -> None:
    hub.commit(ADAPTER, {name: content for name, content in FILES.items() if name != "adapter_config.json"})
    result = volume.run(MODEL_ADAPTERS=ADAPTER)
    assert result.failed(16, "corrupt"), result.output
    assert ADAPTER in result.last and "adapter_config.json is missing" in result.last
    assert not (volume.path / ADAPTER).exists()


def test_a_fault_names_the_adapter(hub: FakeHub, volume: Volume) -> None:
    result = volume.run(MODEL_ADAPTERS="tiny/absent")
    assert "error: " in result.last and "tiny/absent" in result.last
    assert (volume.path / MODEL / "config.json").exists()


def test_existing_ones_are_verified(hub: FakeHub, volume: Volume) -> None:
    hub.commit(ADAPTER, FILES)
    volume.run(MODEL_ADAPTERS=ADAPTER)
    hub.requests.clear()
    assert volume.run(MODEL_ADAPTERS=ADAPTER, MODEL_SOURCE="existing").is_complete()
    result = volume.run(MODEL_ADAPTERS="tiny/absent", MODEL_SOURCE="existing")
    assert "tiny/absent" in result.last and "error: not-found" in result.last
    assert hub.requests == []


@pytest.mark.parametrize("lines", ["sql", "a/b c", f"{MODEL}@main", "a/b\na/b@x", "a/b@x y"])
def test_settings_that_are_none(volume: Volume, lines: str) -> None:
    result = volume.run(MODEL_ADAPTERS=lines)
    assert "error: usage: 'MODEL_ADAPTERS'" in result.last
