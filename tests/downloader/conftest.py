"""Fixtures, and the record of faults: each test marked `fault` adds its line to the file that FAULTS names."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "components" / "downloader"))

from fakehub import FakeHub
from hubfiles import tiny_model
from support import MODEL, Result, Volume

results: dict[str, dict[str, str]] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(name, end): a fault that is tried, and how it must end")
    config.addinivalue_line("markers", "once: not about the client; one version of huggingface_hub is enough")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report = yield
    mark = item.get_closest_marker("fault")
    if mark and (report.when == "call" or report.failed):
        result = "survived" if report.passed else "skipped" if report.skipped else "failed"
        name, end = mark.args
        known = results.get(name, {}).get("result", result)
        results[name] = {"end": end, "result": result if known == "survived" else known}
    return report


def pytest_sessionfinish() -> None:
    if "FAULTS" in os.environ:
        Path(os.environ["FAULTS"]).write_text(json.dumps(results, indent=2) + "\n")


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """A Hub with one model at main; after the test nothing may have asked for what it does not know."""
    hub = FakeHub()
    hub.files = tiny_model()
    hub.head = hub.commit(MODEL, hub.files)
    yield hub
    hub.close()
    assert hub.unknown == []


@pytest.fixture
def volume(tmp_path: Path, hub: FakeHub) -> Volume:
    return Volume(tmp_path, hub.url)


@pytest.fixture
def run(volume: Volume) -> Callable[..., Result]:
    return volume.run
